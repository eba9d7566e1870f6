package io.revfs.testing;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.Closeable;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The part of Google Cloud Storage's JSON interface that remotes use, in memory. */
public final class FakeGcsServer implements Closeable {
  private static final Pattern RANGE = Pattern.compile("bytes=(\\d+)-(\\d*)");
  private static final Pattern OBJECT = Pattern.compile("/storage/v1/b/([^/]+)/o(?:/(.*))?");
  private static final Pattern CONTENT_RANGE = Pattern.compile("bytes (\\d+)-(\\d+)/(\\d+|\\*)");
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int PAGE = 10;

  private final HttpServer server;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final TreeMap<String, StoredBytes> objects = new TreeMap<>();
  private final Map<String, Session> sessions = new HashMap<>();
  private final List<String> requests = new CopyOnWriteArrayList<>();

  /** A resumable upload. */
  private record Session(String key, StoredBytes bytes) {}

  private FakeGcsServer(HttpServer server) {
    this.server = server;
  }

  /** Starts one. */
  public static FakeGcsServer start() throws IOException {
    HttpServer http =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 256);
    FakeGcsServer fake = new FakeGcsServer(http);
    http.setExecutor(fake.threads);
    http.createContext("/", fake::handle);
    http.start();
    return fake;
  }

  /** Returns the requests so far: method and path. */
  public List<String> requests() {
    return List.copyOf(requests);
  }

  /** Returns what {@code endpointurl} is set to. */
  public String url() {
    return "http://127.0.0.1:" + server.getAddress().getPort();
  }

  private void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      byte[] body = exchange.getRequestBody().readAllBytes();
      synchronized (this) {
        serve(exchange, body);
      }
    }
  }

  private void serve(HttpExchange exchange, byte[] body) throws IOException {
    // Media may be asked for below /download too.
    String path = exchange.getRequestURI().getRawPath().replaceFirst("^/download/", "/");
    requests.add(exchange.getRequestMethod() + " " + path);
    Map<String, String> query = query(exchange.getRequestURI().getRawQuery());
    if (path.startsWith("/upload/")) {
      upload(exchange, path.substring("/upload".length()), query, body);
      return;
    }
    Matcher matcher = OBJECT.matcher(path);
    if (!matcher.matches()) {
      error(exchange, 404, "no such place");
      return;
    }
    String bucket = matcher.group(1);
    if (matcher.group(2) == null) {
      list(exchange, bucket, query);
      return;
    }
    if (exchange.getRequestMethod().equals("POST")) {
      compose(exchange, bucket, decode(matcher.group(2).replaceFirst("/compose$", "")), body);
      return;
    }
    String key = bucket + "/" + decode(matcher.group(2));
    StoredBytes object = objects.get(key);
    if (object == null) {
      error(exchange, 404, "No such object");
    } else if (exchange.getRequestMethod().equals("DELETE")) {
      objects.remove(key);
      exchange.sendResponseHeaders(204, -1);
    } else if ("media".equals(query.get("alt"))) {
      media(exchange, object);
    } else {
      json(exchange, resource(key, object));
    }
  }

  private void compose(HttpExchange exchange, String bucket, String name, byte[] body)
      throws IOException {
    StoredBytes whole = new StoredBytes();
    for (JsonNode source : JSON.readTree(body).get("sourceObjects")) {
      StoredBytes part = objects.get(bucket + "/" + source.get("name").asText());
      if (part == null) {
        error(exchange, 404, "No such object");
        return;
      }
      whole.add(part);
    }
    store(exchange, bucket + "/" + name, whole);
  }

  private void upload(HttpExchange exchange, String path, Map<String, String> query, byte[] body)
      throws IOException {
    String bucket = OBJECT.matcher(path).results().findFirst().orElseThrow().group(1);
    if ("multipart".equals(query.get("uploadType"))) {
      String type = exchange.getRequestHeaders().getFirst("Content-Type");
      String boundary = "--" + type.replaceAll(".*boundary=\"?([^\";]+)\"?.*", "$1");
      // Bytes as characters, one each: the content comes through as it is.
      String[] parts = new String(body, StandardCharsets.ISO_8859_1).split(Pattern.quote(boundary));
      String name = JSON.readTree(utf8(content(parts[1]))).get("name").asText();
      String content = content(parts[2]);
      byte[] bytes =
          content.substring(0, content.length() - 2).getBytes(StandardCharsets.ISO_8859_1);
      store(exchange, bucket + "/" + name, StoredBytes.of(bytes));
      return;
    }
    String id = query.get("upload_id");
    if (id == null) {
      String fresh = "session" + sessions.size();
      String name = JSON.readTree(body).get("name").asText();
      sessions.put(fresh, new Session(bucket + "/" + name, new StoredBytes()));
      exchange
          .getResponseHeaders()
          .set("Location", url() + "/upload" + path + "?uploadType=resumable&upload_id=" + fresh);
      exchange.sendResponseHeaders(200, -1);
      return;
    }
    Session session = sessions.get(id);
    session.bytes().add(body);
    Matcher range =
        CONTENT_RANGE.matcher(
            String.valueOf(exchange.getRequestHeaders().getFirst("Content-Range")));
    boolean last = !range.matches() || range.group(3).equals(Long.toString(session.bytes().size()));
    if (last) {
      store(exchange, session.key(), session.bytes());
      return;
    }
    exchange.getResponseHeaders().set("Range", "bytes=0-" + (session.bytes().size() - 1));
    exchange.sendResponseHeaders(308, -1);
  }

  private static byte[] utf8(String latin) {
    return latin.getBytes(StandardCharsets.ISO_8859_1);
  }

  /** Returns what follows a part's headers. */
  private static String content(String part) {
    return part.substring(part.indexOf("\r\n\r\n") + 4);
  }

  private void store(HttpExchange exchange, String key, StoredBytes bytes) throws IOException {
    objects.put(key, bytes);
    json(exchange, resource(key, bytes));
  }

  private static Map<String, Object> resource(String key, StoredBytes bytes) {
    Map<String, Object> resource = new LinkedHashMap<>();
    resource.put("name", key.substring(key.indexOf('/') + 1));
    resource.put("size", Long.toString(bytes.size()));
    resource.put("etag", bytes.tag());
    resource.put("generation", "1");
    return resource;
  }

  private void list(HttpExchange exchange, String bucket, Map<String, String> query)
      throws IOException {
    String from = bucket + "/" + query.getOrDefault("prefix", "");
    String token = query.getOrDefault("pageToken", "");
    List<Object> items = new ArrayList<>();
    Map<String, Object> answer = new LinkedHashMap<>();
    for (Map.Entry<String, StoredBytes> object : objects.tailMap(from).entrySet()) {
      if (!object.getKey().startsWith(from)) {
        break;
      }
      if (object.getKey().compareTo(token) < 0) {
        continue;
      }
      if (items.size() == PAGE) {
        answer.put("nextPageToken", object.getKey());
        break;
      }
      items.add(resource(object.getKey(), object.getValue()));
    }
    answer.put("items", items);
    json(exchange, answer);
  }

  private static void media(HttpExchange exchange, StoredBytes object) throws IOException {
    String header = exchange.getRequestHeaders().getFirst("Range");
    Matcher range = RANGE.matcher(header == null ? "" : header);
    long from = 0;
    long to = object.size();
    if (range.matches()) {
      from = Long.parseLong(range.group(1));
      to = range.group(2).isEmpty() ? to : Math.min(to, Long.parseLong(range.group(2)) + 1);
      if (from >= object.size()) {
        error(exchange, 416, "out of range");
        return;
      }
    }
    exchange.sendResponseHeaders(range.matches() ? 206 : 200, to == from ? -1 : to - from);
    object.write(from, to, exchange.getResponseBody());
  }

  private static Map<String, String> query(String raw) {
    Map<String, String> query = new TreeMap<>();
    for (String pair : raw == null ? new String[0] : raw.split("&")) {
      int at = pair.indexOf('=');
      query.put(pair.substring(0, at), decode(pair.substring(at + 1)));
    }
    return query;
  }

  private static String decode(String text) {
    return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
  }

  private static void json(HttpExchange exchange, Object value) throws IOException {
    byte[] body = JSON.writeValueAsBytes(value);
    exchange.getResponseHeaders().set("Content-Type", "application/json");
    exchange.sendResponseHeaders(200, body.length);
    exchange.getResponseBody().write(body);
  }

  private static void error(HttpExchange exchange, int status, String message) throws IOException {
    byte[] body =
        JSON.writeValueAsBytes(Map.of("error", Map.of("code", status, "message", message)));
    exchange.getResponseHeaders().set("Content-Type", "application/json");
    exchange.sendResponseHeaders(status, body.length);
    exchange.getResponseBody().write(body);
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }
}
