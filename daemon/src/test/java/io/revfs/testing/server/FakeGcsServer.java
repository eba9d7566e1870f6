package io.revfs.testing.server;

import com.fasterxml.jackson.databind.JsonNode;
import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The part of Google Cloud Storage's JSON interface that remotes use, in memory. */
public final class FakeGcsServer extends FakeGoogleServer {
  private static final Pattern OBJECT = Pattern.compile("/storage/v1/b/([^/]+)/o(?:/(.*))?");
  private static final int PAGE = 10;

  private final TreeMap<String, List<StoredBytes>> objects = new TreeMap<>();

  private FakeGcsServer() throws IOException {}

  /** Starts one. */
  public static FakeGcsServer start() throws IOException {
    FakeGcsServer server = new FakeGcsServer();
    server.begin();
    return server;
  }

  @Override
  void serve(HttpExchange exchange, byte[] body) throws IOException {
    // Media may be asked for below /download too.
    String path = exchange.getRequestURI().getRawPath().replaceFirst("^/download/", "/");
    note(exchange.getRequestMethod() + " " + path);
    boolean upload = path.startsWith("/upload/");
    Matcher matcher = OBJECT.matcher(upload ? path.substring("/upload".length()) : path);
    if (!matcher.matches()) {
      error(exchange, 404, "no such place");
      return;
    }
    String bucket = matcher.group(1);
    if (upload) {
      upload(
          exchange,
          body,
          (description, bytes) -> {
            String name = JSON.readTree(description).get("name").asText();
            store(exchange, bucket + "/" + name, bytes);
          });
    } else if (matcher.group(2) == null) {
      list(exchange, bucket, query(exchange));
    } else if (exchange.getRequestMethod().equals("POST")) {
      compose(exchange, bucket, decode(matcher.group(2).replaceFirst("/compose$", "")), body);
    } else {
      serve(exchange, bucket + "/" + decode(matcher.group(2)));
    }
  }

  private void serve(HttpExchange exchange, String key) throws IOException {
    Map<String, String> query = query(exchange);
    List<StoredBytes> generations = objects.getOrDefault(key, List.of());
    String asked = query.getOrDefault("generation", Integer.toString(generations.size()));
    int generation = Integer.parseInt(asked);
    if (generation < 1 || generation > generations.size()) {
      error(exchange, 404, "No such object");
    } else if (exchange.getRequestMethod().equals("DELETE")) {
      objects.remove(key);
      exchange.sendResponseHeaders(204, -1);
    } else if ("media".equals(query.get("alt"))) {
      media(exchange, generations.get(generation - 1));
    } else {
      json(exchange, resource(key, generations.get(generation - 1), generation));
    }
  }

  private void compose(HttpExchange exchange, String bucket, String name, byte[] body)
      throws IOException {
    StoredBytes whole = new StoredBytes();
    for (JsonNode source : JSON.readTree(body).get("sourceObjects")) {
      List<StoredBytes> part = objects.get(bucket + "/" + source.get("name").asText());
      if (part == null) {
        error(exchange, 404, "No such object");
        return;
      }
      whole.add(part.getLast());
    }
    store(exchange, bucket + "/" + name, whole);
  }

  private void store(HttpExchange exchange, String key, StoredBytes bytes) throws IOException {
    List<StoredBytes> generations = objects.computeIfAbsent(key, k -> new ArrayList<>());
    generations.add(bytes);
    json(exchange, resource(key, bytes, generations.size()));
  }

  private static Map<String, Object> resource(String key, StoredBytes bytes, int generation) {
    Map<String, Object> resource = new LinkedHashMap<>();
    resource.put("name", key.substring(key.indexOf('/') + 1));
    resource.put("size", Long.toString(bytes.size()));
    resource.put("etag", bytes.tag());
    resource.put("generation", Integer.toString(generation));
    resource.put("updated", Instant.now().toString());
    return resource;
  }

  private void list(HttpExchange exchange, String bucket, Map<String, String> query)
      throws IOException {
    String from = bucket + "/" + query.getOrDefault("prefix", "");
    String token = query.getOrDefault("pageToken", "");
    List<Object> items = new ArrayList<>();
    Map<String, Object> answer = new LinkedHashMap<>();
    for (Map.Entry<String, List<StoredBytes>> object : objects.tailMap(from).entrySet()) {
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
      List<StoredBytes> generations = object.getValue();
      items.add(resource(object.getKey(), generations.getLast(), generations.size()));
    }
    answer.put("items", items);
    json(exchange, answer);
  }
}
