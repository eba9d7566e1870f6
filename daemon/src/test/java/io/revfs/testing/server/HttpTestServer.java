package io.revfs.testing.server;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Serves a directory with ranges, keeps a log of requests, and fails by name when told to. */
public final class HttpTestServer implements Closeable {
  /** Ways to fail. */
  public enum Fault {
    NONE,
    /** Waits 300 ms before each answer. */
    DELAY,
    /** Ends the connection after half of the body. */
    CUT,
    /** Answers 503. */
    UNAVAILABLE,
    /** Changes the first byte of the body. */
    FLIPPED_BIT,
    /** Never answers. */
    HANG,
    /** Answers 401. */
    UNAUTHORIZED,
    /** Answers 307, to the same path below {@code /moved}. */
    REDIRECT
  }

  /** Decides who may come in. */
  @FunctionalInterface
  public interface Gate {
    /** Returns an empty text, or what {@code WWW-Authenticate} is to ask for. */
    String check(String method, String uri, Headers headers);
  }

  private static final Pattern RANGE = Pattern.compile("bytes=(\\d+)-(\\d*)");
  private static final int DELAY_MILLISECONDS = 300;

  private final HttpServer server;
  private final Path files;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final List<String> requests = new CopyOnWriteArrayList<>();
  private final Set<InetSocketAddress> clients = ConcurrentHashMap.newKeySet();
  private volatile Fault fault = Fault.NONE;
  private volatile Gate gate = (method, uri, headers) -> "";
  private volatile String elsewhere = "";
  private final AtomicInteger faultsLeft = new AtomicInteger();

  private HttpTestServer(HttpServer server, Path files) {
    this.server = server;
    this.files = files;
  }

  /** Starts one that serves a directory. */
  public static HttpTestServer start(Path files) throws IOException {
    HttpServer http =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 256);
    HttpTestServer server = new HttpTestServer(http, files);
    http.setExecutor(server.threads);
    http.createContext("/", server::handle);
    http.start();
    return server;
  }

  /** Fails the next {@code times} requests for content this way. */
  public void fail(Fault how, int times) {
    fault = how;
    faultsLeft.set(times);
  }

  /** Lets in only whom the gate lets in; others get 401. */
  public void gate(Gate keeper) {
    gate = keeper;
  }

  /** Sends everybody who is let in to another server. */
  public void redirectTo(String url) {
    elsewhere = url;
  }

  /** Returns the requests so far: method, path and range. */
  public List<String> requests() {
    return List.copyOf(requests);
  }

  /** Returns how many GETs a path has had. */
  public long gets(String path) {
    return requests.stream().filter(r -> r.startsWith("GET " + path + " ")).count();
  }

  /** Returns how many connections there have been. */
  public int connections() {
    return clients.size();
  }

  /** Returns the URL of the directory. */
  public String url() {
    return "http://127.0.0.1:" + server.getAddress().getPort();
  }

  private void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      String range = exchange.getRequestHeaders().getFirst("Range");
      String path = exchange.getRequestURI().getPath();
      clients.add(exchange.getRemoteAddress());
      requests.add(exchange.getRequestMethod() + " " + path + " " + range);
      Fault now = faultsLeft.getAndUpdate(n -> Math.max(0, n - 1)) > 0 ? fault : Fault.NONE;
      if (now == Fault.REDIRECT && path.startsWith("/moved/")) {
        now = Fault.NONE;
      }
      switch (now) {
        case DELAY -> sleep(DELAY_MILLISECONDS);
        case HANG -> sleep(60_000);
        case UNAVAILABLE -> exchange.sendResponseHeaders(503, -1);
        case UNAUTHORIZED -> exchange.sendResponseHeaders(401, -1);
        case REDIRECT -> {
          exchange.getResponseHeaders().set("Location", url() + "/moved" + path);
          exchange.sendResponseHeaders(307, -1);
        }
        case NONE, CUT, FLIPPED_BIT -> {}
      }
      if (now == Fault.UNAVAILABLE
          || now == Fault.UNAUTHORIZED
          || now == Fault.HANG
          || now == Fault.REDIRECT) {
        return;
      }
      String asked =
          gate.check(
              exchange.getRequestMethod(),
              exchange.getRequestURI().toString(),
              exchange.getRequestHeaders());
      if (!asked.isEmpty()) {
        exchange.getRequestBody().readAllBytes();
        exchange.getResponseHeaders().set("WWW-Authenticate", asked);
        exchange.sendResponseHeaders(401, -1);
        return;
      }
      if (!elsewhere.isEmpty()) {
        exchange.getResponseHeaders().set("Location", elsewhere + path);
        exchange.sendResponseHeaders(302, -1);
        return;
      }
      Path file = files.resolve(path.substring(1));
      if (exchange.getRequestMethod().equals("POST") || exchange.getRequestMethod().equals("PUT")) {
        store(exchange.getRequestBody(), file);
        exchange.sendResponseHeaders(201, -1);
        return;
      }
      if (!Files.isRegularFile(file)) {
        exchange.sendResponseHeaders(404, -1);
        return;
      }
      long size = Files.size(file);
      long from = 0;
      long to = size;
      Matcher matcher = range == null ? null : RANGE.matcher(range);
      if (matcher != null && matcher.matches()) {
        from = Long.parseLong(matcher.group(1));
        if (!matcher.group(2).isEmpty()) {
          to = Math.min(to, Long.parseLong(matcher.group(2)) + 1);
        }
        if (from >= size) {
          exchange.sendResponseHeaders(416, -1);
          return;
        }
        exchange
            .getResponseHeaders()
            .set("Content-Range", "bytes " + from + "-" + (to - 1) + "/" + size);
      }
      boolean head = exchange.getRequestMethod().equals("HEAD");
      if (head) {
        exchange.getResponseHeaders().set("Content-Length", Long.toString(to - from));
      }
      exchange.sendResponseHeaders(
          matcher == null ? 200 : 206, head ? -1 : to == from ? -1 : to - from);
      if (!head && to > from) {
        try (OutputStream body = exchange.getResponseBody()) {
          long end = now == Fault.CUT ? from + (to - from) / 2 : to;
          send(file, from, end, now == Fault.FLIPPED_BIT, body);
          if (now == Fault.CUT) {
            body.flush();
            throw new IOException("cut");
          }
        }
      }
    }
  }

  /** At once, as a good server does it. */
  private static void store(InputStream body, Path file) throws IOException {
    Files.createDirectories(file.getParent());
    Path temporary = Files.createTempFile(file.getParent(), ".", ".tmp");
    Files.copy(body, temporary, StandardCopyOption.REPLACE_EXISTING);
    Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE);
  }

  private static void send(Path file, long from, long to, boolean flip, OutputStream body)
      throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      in.skipNBytes(from);
      byte[] buffer = new byte[64 << 10];
      for (long at = from; at < to; ) {
        int n = in.read(buffer, 0, (int) Math.min(buffer.length, to - at));
        if (flip && at == from) {
          buffer[0] ^= 1;
        }
        body.write(buffer, 0, n);
        at += n;
      }
    }
  }

  private static void sleep(int milliseconds) {
    try {
      Thread.sleep(milliseconds);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }
}
