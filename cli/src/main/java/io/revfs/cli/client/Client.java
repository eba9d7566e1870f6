package io.revfs.cli.client;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.revfs.cli.Main;
import io.revfs.cli.caller.Credentials;
import io.revfs.cli.terminal.CommandException;
import io.revfs.remote.Redaction;
import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.StandardProtocolFamily;
import java.net.URLEncoder;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;
import jdk.net.ExtendedSocketOptions;

/**
 * Speaks HTTP/1.1 to the daemon over its Unix socket. By hand, because the JDK's client knows no
 * Unix sockets and a library would cost more start-up time than the whole command. One request at a
 * time; not thread-safe.
 */
public final class Client implements Closeable {
  public static final ObjectMapper JSON = new ObjectMapper();
  private static final int BUFFER_BYTES = 64 << 10;

  private final SocketChannel channel;
  private final ByteBuffer in = ByteBuffer.allocate(BUFFER_BYTES).limit(0);

  private boolean told;
  private boolean bodiesTold;

  private Client(SocketChannel channel) {
    this.channel = channel;
  }

  /** Connects to a daemon that is there. */
  public static Client connect(Path socket) throws IOException {
    SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
    try {
      channel.connect(UnixDomainSocketAddress.of(socket));
      return new Client(channel);
    } catch (IOException e) {
      channel.close();
      throw e;
    }
  }

  /** Says on standard error what is asked from now on, with {@code bodies} all of it. */
  public void tellRequests(boolean bodies) {
    told = true;
    bodiesTold = bodies;
  }

  private void tell(String text) {
    if (told) {
      System.err.println(Redaction.url(text));
    }
  }

  /** Speaks with a server of its own that gives one answer: see {@link Main}. */
  public static void rehearse() throws IOException {
    Path directory = Files.createTempDirectory("revfs-");
    Path socket = directory.resolve("s");
    try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      server.bind(UnixDomainSocketAddress.of(socket));
      Thread answerer =
          Thread.ofPlatform()
              .daemon()
              .start(
                  () -> {
                    try (SocketChannel peer = server.accept()) {
                      peer.write(
                          ByteBuffer.wrap(
                              "HTTP/1.1 200 OK\r\nContent-Length: 14\r\n\r\n{\"a\": [1, {}]}"
                                  .getBytes(StandardCharsets.UTF_8)));
                      ByteBuffer asked = ByteBuffer.allocate(BUFFER_BYTES);
                      while (peer.read(asked) >= 0) { // to the end, or its writing would fail
                        asked.clear();
                      }
                    } catch (IOException e) {
                      // then the archive lacks some classes, and nothing else
                    }
                  });
      try (Client client = connect(socket)) {
        var unused =
            client.post("/v1/use", Map.of("revision", "v1", "view", "current")).toPrettyString();
      }
      answerer.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      Files.deleteIfExists(socket);
      Files.deleteIfExists(directory);
    }
  }

  public JsonNode get(String path, Map<String, String> query) throws IOException {
    return json(send("GET", path, query, Map.of()));
  }

  public JsonNode post(String path, Map<String, ?> body) throws IOException {
    return json(send("POST", path, Map.of(), body));
  }

  public JsonNode delete(String path, Map<String, String> query) throws IOException {
    return json(send("DELETE", path, query, Map.of()));
  }

  /** Asks for something whose answer is lines of JSON; passes each as it comes. */
  public void lines(
      String method,
      String path,
      Map<String, String> query,
      Map<String, ?> body,
      Consumer<JsonNode> line)
      throws IOException {
    rawLines(method, path, query, body, bytes -> line.accept(JSON.readTree(bytes)));
  }

  /** Takes a line, without its end. */
  @FunctionalInterface
  public interface RawLine {
    void accept(byte[] line) throws IOException;
  }

  /** As {@link #lines}, not parsed: a line may be too large for that. */
  public void rawLines(
      String method, String path, Map<String, String> query, Map<String, ?> body, RawLine line)
      throws IOException {
    try (InputStream answer = send(method, path, query, body)) {
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      byte[] buffer = new byte[8192];
      for (int n = answer.read(buffer); n >= 0; n = answer.read(buffer)) {
        int start = 0;
        for (int i = 0; i < n; i++) {
          if (buffer[i] == '\n') {
            bytes.write(buffer, start, i - start);
            start = i + 1;
            if (bytes.size() > 0) {
              byte[] whole = bytes.toByteArray();
              bytes = new ByteArrayOutputStream(); // a long one is let go
              line.accept(whole);
            }
          }
        }
        bytes.write(buffer, start, n - start);
      }
    }
  }

  private static JsonNode json(InputStream answer) throws IOException {
    return JSON.readTree(answer.readAllBytes());
  }

  /**
   * Sends a request and returns the answer's body as it comes.
   *
   * @throws CommandException if the daemon answers with an error
   */
  public InputStream send(
      String method, String path, Map<String, String> query, Map<String, ?> body)
      throws IOException {
    StringBuilder target = new StringBuilder(path);
    char separator = '?';
    for (Map.Entry<String, String> parameter : query.entrySet()) {
      target
          .append(separator)
          .append(parameter.getKey())
          .append('=')
          .append(URLEncoder.encode(parameter.getValue(), StandardCharsets.UTF_8));
      separator = '&';
    }
    Map<String, ?> sent = forThisDaemon(body);
    byte[] content = sent.isEmpty() ? new byte[0] : JSON.writeValueAsBytes(sent);
    String head =
        method
            + " "
            + target
            + " HTTP/1.1\r\nHost: revfs\r\nContent-Type: application/json\r\nContent-Length: "
            + content.length
            + "\r\n\r\n";
    tell(method + " " + path + (bodiesTold ? " " + query + " " + Credentials.hiddenIn(sent) : ""));
    write(head.getBytes(StandardCharsets.UTF_8));
    write(content);
    String what = query.getOrDefault("path", query.getOrDefault("repository", path));
    return answer(what);
  }

  /**
   * A daemon of the caller's own, or of root's who can have them in any case, is told where stores
   * look for credentials; another's never is unless that is asked for.
   */
  private Map<String, ?> forThisDaemon(Map<String, ?> body) throws IOException {
    if (!Credentials.areIn(body) || System.getenv().containsKey(Credentials.SEND)) {
      return body;
    }
    String owner = channel.getOption(ExtendedSocketOptions.SO_PEERCRED).user().getName();
    if (owner.equals("root") || owner.equals(Files.getOwner(Path.of("/proc/self")).getName())) {
      return body;
    }
    System.err.println(
        "this daemon is %s's: it is sent no credentials of this shell, unless %s=1"
            .formatted(owner, Credentials.SEND));
    return Credentials.takenFrom(body);
  }

  private void write(byte[] bytes) throws IOException {
    ByteBuffer buffer = ByteBuffer.wrap(bytes);
    while (buffer.hasRemaining()) {
      channel.write(buffer);
    }
  }

  private InputStream answer(String what) throws IOException {
    String status = line();
    long length = -1;
    boolean chunked = false;
    for (String header = line(); !header.isEmpty(); header = line()) {
      String lower = header.toLowerCase(Locale.ROOT);
      if (lower.startsWith("content-length:")) {
        length = Long.parseLong(lower.substring(15).strip());
      } else if (lower.startsWith("transfer-encoding:")) {
        chunked = lower.contains("chunked");
      }
    }
    tell(status);
    InputStream body = chunked ? new ChunkedBody() : new FixedBody(what, Math.max(0, length));
    if (!status.startsWith("HTTP/1.1 2")) {
      throw failure(JSON.readTree(body.readAllBytes()).path("error"), status);
    }
    return body;
  }

  private static CommandException failure(JsonNode error, String otherwise) {
    return new CommandException(
        error.path("message").asText(otherwise),
        error.path("hint").asText(""),
        error.path("exit").asInt(CommandException.OTHER));
  }

  private String line() throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    for (int b = one(); b != '\n'; b = one()) {
      if (b != '\r') {
        bytes.write(b);
      }
    }
    return bytes.toString(StandardCharsets.UTF_8);
  }

  private int one() throws IOException {
    fill();
    return in.get();
  }

  private void fill() throws IOException {
    if (!in.hasRemaining()) {
      in.clear();
      int n = channel.read(in);
      in.flip();
      if (n < 0) {
        throw new EOFException("the daemon broke off; see: revfs daemon log");
      }
    }
  }

  private int some(byte[] target, int offset, long most) throws IOException {
    fill();
    int n = (int) Math.min(most, in.remaining());
    in.get(target, offset, n);
    return n;
  }

  private abstract static class Body extends InputStream {
    @Override
    public abstract int read(byte[] target, int offset, int length) throws IOException;

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
    }
  }

  /** A body of known length. */
  private final class FixedBody extends Body {
    private final String what;
    private final long length;
    private long left;

    FixedBody(String what, long length) {
      this.what = what;
      this.length = length;
      this.left = length;
    }

    @Override
    public int read(byte[] target, int offset, int most) throws IOException {
      if (left == 0) {
        return -1;
      }
      try {
        int n = some(target, offset, Math.min(left, most));
        left -= n;
        return n;
      } catch (EOFException e) {
        // What comes is content, so the reason is not among it.
        throw new CommandException(
            "%s: the daemon broke off after %d of %d bytes".formatted(what, length - left, length),
            "its log says why: revfs daemon log",
            CommandException.OTHER);
      }
    }
  }

  /** A body in chunks (RFC 9112, section 7.1). */
  private final class ChunkedBody extends Body {
    private final ByteArrayOutputStream lastLine = new ByteArrayOutputStream();
    private boolean lineEnded;
    private long left;
    private boolean ended;

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
      if (!ended && left == 0) {
        try {
          left = Long.parseLong(line(), 16);
        } catch (EOFException e) {
          throw brokenOff(e);
        }
        ended = left == 0;
        if (ended) {
          line();
        }
      }
      if (ended) {
        return -1;
      }
      int n = some(target, offset, Math.min(left, length));
      left -= n;
      keepLastLine(target, offset, n);
      if (left == 0) {
        line();
      }
      return n;
    }

    /** The last line tells why an answer breaks off. */
    private void keepLastLine(byte[] bytes, int offset, int length) {
      int end = offset + length;
      int from = end - 1;
      while (from > offset && bytes[from - 1] != '\n') {
        from--;
      }
      if (from > offset || lineEnded) {
        lastLine.reset();
      }
      if (lastLine.size() < BUFFER_BYTES) {
        lastLine.write(bytes, from, end - from);
      }
      lineEnded = bytes[end - 1] == '\n';
    }

    private RuntimeException brokenOff(EOFException e) throws IOException {
      try {
        JsonNode error = JSON.readTree(lastLine.toByteArray()).path("error");
        if (error.isObject()) {
          return failure(error, String.valueOf(e.getMessage()));
        }
      } catch (com.fasterxml.jackson.core.JsonProcessingException notJson) {
        // Then it broke off without a word.
      }
      return new CommandException(
          "the daemon has ended before this was done",
          "do it again: what was done stays; why it ended: revfs daemon log",
          CommandException.OTHER);
    }
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
