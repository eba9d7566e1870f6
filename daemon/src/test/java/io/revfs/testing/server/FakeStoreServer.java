package io.revfs.testing.server;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.Closeable;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A cloud's store in memory, which answers one request at a time: what all kinds have in common.
 */
abstract class FakeStoreServer implements Closeable {
  private static final Pattern RANGE = Pattern.compile("bytes=(\\d+)-(\\d*)");

  private final HttpServer server;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final List<String> requests = new CopyOnWriteArrayList<>();

  FakeStoreServer() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 256);
  }

  final void begin() {
    server.setExecutor(threads);
    server.createContext("/", this::handle);
    server.start();
  }

  final int port() {
    return server.getAddress().getPort();
  }

  /** Notes a request. */
  final void note(String request) {
    requests.add(request);
  }

  /** Returns the requests so far, as each kind of server notes them. */
  public final List<String> requests() {
    return List.copyOf(requests);
  }

  private void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      byte[] body = exchange.getRequestBody().readAllBytes();
      synchronized (this) {
        serve(exchange, body);
      }
    }
  }

  /** Answers a request; called by one thread at a time. */
  abstract void serve(HttpExchange exchange, byte[] body) throws IOException;

  static Map<String, String> query(HttpExchange exchange) {
    String raw = exchange.getRequestURI().getRawQuery();
    Map<String, String> query = new TreeMap<>();
    for (String pair : raw == null ? new String[0] : raw.split("&")) {
      int at = pair.indexOf('=');
      query.put(pair.substring(0, at), decode(pair.substring(at + 1)));
    }
    return query;
  }

  /** A plus is a plus in URLs, other than in forms. */
  static String decode(String text) {
    return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
  }

  /**
   * Sends an object, or the range of it that is asked for.
   *
   * @param asked the header that asks for a range, or null
   * @return false if there is nothing in that range; nothing was sent then
   */
  static boolean send(HttpExchange exchange, StoredBytes object, String asked) throws IOException {
    Matcher range = RANGE.matcher(asked == null ? "" : asked);
    long from = 0;
    long to = object.size();
    if (range.matches()) {
      from = Long.parseLong(range.group(1));
      to = range.group(2).isEmpty() ? to : Math.min(to, Long.parseLong(range.group(2)) + 1);
      if (from >= object.size()) {
        return false;
      }
      exchange
          .getResponseHeaders()
          .set("Content-Range", "bytes " + from + "-" + (to - 1) + "/" + object.size());
    }
    exchange.sendResponseHeaders(range.matches() ? 206 : 200, to == from ? -1 : to - from);
    object.write(from, to, exchange.getResponseBody());
    return true;
  }

  @Override
  public final void close() {
    server.stop(0);
    threads.shutdownNow();
  }
}
