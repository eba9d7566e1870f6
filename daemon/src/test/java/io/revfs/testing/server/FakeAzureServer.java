package io.revfs.testing.server;

import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The part of Azure Blob Storage's REST interface that remotes use, in memory; it takes any request
 * whose signature names the right account. Azurite, which is the real thing's twin, agrees with it
 * on what is asked here. Versioning is on: each write makes a version, which stays.
 */
public final class FakeAzureServer extends FakeStoreServer {
  private static final Pattern BLOCK = Pattern.compile("<(?:Latest|Uncommitted)>([^<]+)<");
  private static final int PAGE = 10;

  private final TreeMap<String, StoredBytes> blobs = new TreeMap<>();
  private final Map<String, Map<String, StoredBytes>> staged = new HashMap<>();
  private final Map<String, Map<String, StoredBytes>> versions = new HashMap<>();
  private final Map<String, String> current = new HashMap<>();

  private FakeAzureServer() throws IOException {}

  /** Starts one. */
  public static FakeAzureServer start() throws IOException {
    FakeAzureServer server = new FakeAzureServer();
    server.begin();
    return server;
  }

  /** Returns the connection string of an account, with a key that means nothing. */
  public String connectionString(String account) {
    return "DefaultEndpointsProtocol=http;AccountName=%s;AccountKey=bm90aGluZw==;BlobEndpoint=http://127.0.0.1:%d/right;"
        .formatted(account, port());
  }

  @Override
  void serve(HttpExchange exchange, byte[] body) throws IOException {
    String signed = String.valueOf(exchange.getRequestHeaders().getFirst("Authorization"));
    if (!signed.startsWith("SharedKey right:")) {
      answer(exchange, 403, "AuthenticationFailed", new byte[0]);
      return;
    }
    Map<String, String> query = query(exchange);
    note(exchange.getRequestMethod() + " " + query.keySet());
    String path = exchange.getRequestURI().getPath().substring("/right/".length());
    serve(exchange, exchange.getRequestMethod(), path, query, body);
  }

  private void serve(
      HttpExchange exchange, String method, String path, Map<String, String> query, byte[] body)
      throws IOException {
    String comp = query.getOrDefault("comp", "");
    switch (method + " " + comp) {
      case "GET list" -> answer(exchange, 200, "", list(path, query).getBytes("UTF-8"));
      case "PUT " -> {
        put(exchange, path, StoredBytes.of(body));
        answer(exchange, 201, "", new byte[0]);
      }
      case "PUT block" -> {
        staged
            .computeIfAbsent(path, p -> new TreeMap<>())
            .put(query.get("blockid"), StoredBytes.of(body));
        answer(exchange, 201, "", new byte[0]);
      }
      case "PUT blocklist" -> {
        commit(exchange, path, new String(body, StandardCharsets.UTF_8));
        answer(exchange, 201, "", new byte[0]);
      }
      case "GET blocklist" -> answer(exchange, 200, "", blocks(path).getBytes("UTF-8"));
      case "DELETE " ->
          answer(exchange, blobs.remove(path) == null ? 404 : 202, "BlobNotFound", new byte[0]);
      case "GET ", "HEAD " -> read(exchange, method, path, query.get("versionid"));
      default -> answer(exchange, 400, "UnsupportedOperation", new byte[0]);
    }
  }

  /** Names of versions are times; here they count the writes of one blob. */
  private void put(HttpExchange exchange, String path, StoredBytes bytes) {
    Map<String, StoredBytes> all = versions.computeIfAbsent(path, p -> new HashMap<>());
    String version = "2026-01-02T03:04:05.%07dZ".formatted(all.size() + 1);
    all.put(version, bytes);
    blobs.put(path, bytes);
    current.put(path, version);
    exchange.getResponseHeaders().set("x-ms-version-id", version);
  }

  private void commit(HttpExchange exchange, String path, String list) {
    StoredBytes whole = new StoredBytes();
    Matcher block = BLOCK.matcher(list);
    while (block.find()) {
      whole.add(staged.get(path).get(block.group(1)));
    }
    put(exchange, path, whole);
    staged.remove(path);
  }

  private String blocks(String path) {
    StringBuilder xml = new StringBuilder("<BlockList><UncommittedBlocks>");
    staged
        .getOrDefault(path, Map.of())
        .forEach(
            (name, bytes) ->
                xml.append("<Block><Name>" + name + "</Name><Size>" + bytes.size())
                    .append("</Size></Block>"));
    return xml.append("</UncommittedBlocks></BlockList>").toString();
  }

  private String list(String container, Map<String, String> query) {
    String from = container + "/" + query.getOrDefault("prefix", "");
    String after = query.getOrDefault("marker", "");
    StringBuilder xml = new StringBuilder("<EnumerationResults><Blobs>");
    String next = "";
    int count = 0;
    for (Map.Entry<String, StoredBytes> blob : blobs.tailMap(from).entrySet()) {
      if (!blob.getKey().startsWith(from)) {
        break;
      }
      if (blob.getKey().compareTo(after) < 0) {
        continue;
      }
      if (count++ == PAGE) {
        next = blob.getKey();
        break;
      }
      String name =
          blob.getKey()
              .substring(container.length() + 1)
              .replace("&", "&amp;")
              .replace("<", "&lt;");
      xml.append("<Blob><Name>" + name + "</Name><Properties><Content-Length>")
          .append(
              blob.getValue().size()
                  + "</Content-Length><Last-Modified>"
                  + now()
                  + "</Last-Modified></Properties></Blob>");
    }
    return xml.append("</Blobs><NextMarker>" + next + "</NextMarker></EnumerationResults>")
        .toString();
  }

  private void read(HttpExchange exchange, String method, String path, @Nullable String wanted)
      throws IOException {
    String version = wanted == null ? current.getOrDefault(path, "") : wanted;
    StoredBytes blob =
        wanted == null ? blobs.get(path) : versions.getOrDefault(path, Map.of()).get(wanted);
    if (blob == null) {
      answer(exchange, 404, "BlobNotFound", new byte[0]);
      return;
    }
    var headers = exchange.getResponseHeaders();
    headers.set("ETag", "\"0x" + blob.tag() + "\"");
    headers.set("x-ms-version-id", version);
    headers.set("x-ms-blob-type", "BlockBlob");
    headers.set("Last-Modified", now());
    if (method.equals("HEAD")) {
      headers.set("Content-Length", Long.toString(blob.size()));
      exchange.sendResponseHeaders(200, -1);
      return;
    }
    if (!send(exchange, blob, exchange.getRequestHeaders().getFirst("x-ms-range"))) {
      answer(exchange, 416, "InvalidRange", new byte[0]);
    }
  }

  private static void answer(HttpExchange exchange, int status, String code, byte[] body)
      throws IOException {
    byte[] sent = body;
    if (status >= 400) {
      exchange.getResponseHeaders().set("x-ms-error-code", code);
      sent = ("<Error><Code>" + code + "</Code></Error>").getBytes(StandardCharsets.UTF_8);
    }
    exchange.getResponseHeaders().set("Content-Type", "application/xml");
    exchange.getResponseHeaders().set("ETag", "\"0x1\"");
    exchange.getResponseHeaders().set("Last-Modified", now());
    boolean none = sent.length == 0 || exchange.getRequestMethod().equals("HEAD");
    exchange.sendResponseHeaders(status, none ? -1 : sent.length);
    if (!none) {
      exchange.getResponseBody().write(sent);
    }
  }

  private static String now() {
    return DateTimeFormatter.RFC_1123_DATE_TIME.format(ZonedDateTime.now(ZoneOffset.UTC));
  }
}
