package io.revfs.testing.server;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What Google's services have in common: JSON, and two ways of uploading. */
abstract class FakeGoogleServer extends FakeStoreServer {
  static final ObjectMapper JSON = new ObjectMapper();
  private static final Pattern CONTENT_RANGE = Pattern.compile("bytes (\\d+)-(\\d+)/(\\d+|\\*)");

  private final Map<String, Session> sessions = new HashMap<>();

  /** A resumable upload: what describes the object, and what came of it. */
  private record Session(byte[] description, StoredBytes bytes) {}

  FakeGoogleServer() throws IOException {}

  /** Returns what {@code endpointurl} is set to. */
  public final String url() {
    return "http://127.0.0.1:" + port();
  }

  /** Takes what was uploaded, as a whole, and answers. */
  @FunctionalInterface
  interface Taker {
    void take(byte[] description, StoredBytes bytes) throws IOException;
  }

  /** Takes an upload in one request, or a part of one of several. */
  final void upload(HttpExchange exchange, byte[] body, Taker taker) throws IOException {
    Map<String, String> query = query(exchange);
    if ("multipart".equals(query.get("uploadType"))) {
      String type = exchange.getRequestHeaders().getFirst("Content-Type");
      String boundary = "--" + type.replaceAll(".*boundary=\"?([^\";]+)\"?.*", "$1");
      // Bytes as characters, one each: the content comes through as it is.
      String[] parts = new String(body, StandardCharsets.ISO_8859_1).split(Pattern.quote(boundary));
      String content = content(parts[2]);
      byte[] bytes =
          content.substring(0, content.length() - 2).getBytes(StandardCharsets.ISO_8859_1);
      taker.take(content(parts[1]).getBytes(StandardCharsets.ISO_8859_1), StoredBytes.of(bytes));
      return;
    }
    String id = query.get("upload_id");
    if (id == null) {
      String fresh = "session" + sessions.size();
      sessions.put(fresh, new Session(body, new StoredBytes()));
      exchange
          .getResponseHeaders()
          .set(
              "Location",
              url()
                  + exchange.getRequestURI().getRawPath()
                  + "?uploadType=resumable&upload_id="
                  + fresh);
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
      taker.take(session.description(), session.bytes());
      return;
    }
    exchange.getResponseHeaders().set("Range", "bytes=0-" + (session.bytes().size() - 1));
    exchange.sendResponseHeaders(308, -1);
  }

  /** Returns what follows a part's headers. */
  private static String content(String part) {
    return part.substring(part.indexOf("\r\n\r\n") + 4);
  }

  static void media(HttpExchange exchange, StoredBytes object) throws IOException {
    if (!send(exchange, object, exchange.getRequestHeaders().getFirst("Range"))) {
      error(exchange, 416, "out of range");
    }
  }

  static void json(HttpExchange exchange, Object value) throws IOException {
    answer(exchange, 200, value);
  }

  static void error(HttpExchange exchange, int status, String message) throws IOException {
    answer(exchange, status, Map.of("error", Map.of("code", status, "message", message)));
  }

  private static void answer(HttpExchange exchange, int status, Object value) throws IOException {
    byte[] body = JSON.writeValueAsBytes(value);
    exchange.getResponseHeaders().set("Content-Type", "application/json");
    exchange.sendResponseHeaders(status, body.length);
    exchange.getResponseBody().write(body);
  }
}
