package io.revfs.api;

import com.fasterxml.jackson.core.json.JsonWriteFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.codec.http.QueryStringDecoder;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * One request and its answer. Confined to the thread that handles it, which may wait: each write
 * waits until the peer has taken it, so a slow reader costs no memory.
 */
final class Exchange {
  static final ObjectMapper JSON =
      JsonMapper.builder()
          .disable(SerializationFeature.FAIL_ON_EMPTY_BEANS)
          .disable(JsonWriteFeature.WRITE_NAN_AS_STRINGS) // as DVC does, whose readers expect it
          .disable(SerializationFeature.FLUSH_AFTER_WRITE_VALUE) // lines leave in groups
          .build();
  private static final int STREAM_BYTES = 64 << 10;

  private final Channel channel;
  private final Map<String, List<String>> query;
  private final JsonNode body;
  private boolean answered;
  private @Nullable Body streamed;

  Exchange(Channel channel, FullHttpRequest request) throws ApiException {
    this.channel = channel;
    try {
      this.query = new QueryStringDecoder(request.uri(), StandardCharsets.UTF_8).parameters();
    } catch (IllegalArgumentException e) {
      throw ApiException.badRequest(String.valueOf(e.getMessage()));
    }
    String text = request.content().toString(StandardCharsets.UTF_8);
    try {
      this.body = text.isBlank() ? JsonNodeFactory.instance.objectNode() : JSON.readTree(text);
    } catch (IOException e) {
      throw ApiException.badRequest("the body is not JSON");
    }
  }

  boolean answered() {
    return answered;
  }

  /** Returns a parameter of the query or the body. */
  Optional<String> optional(String name) {
    List<String> values = query.get(name);
    if (values != null && !values.isEmpty()) {
      return Optional.of(values.getFirst());
    }
    JsonNode node = body.get(name);
    return node == null || node.isNull() ? Optional.empty() : Optional.of(node.asText());
  }

  String required(String name) throws ApiException {
    return optional(name)
        .filter(value -> !value.isEmpty())
        .orElseThrow(() -> ApiException.badRequest("'" + name + "' is missing"));
  }

  /** Returns an object of texts in the JSON body; empty if it is absent. */
  Map<String, String> texts(String name) {
    Map<String, String> texts = new LinkedHashMap<>();
    node(name).properties().forEach(text -> texts.put(text.getKey(), text.getValue().asText()));
    return texts;
  }

  /** Returns a part of the JSON body; a missing node if it is absent. */
  JsonNode node(String name) {
    return body.path(name);
  }

  /**
   * Runs something once whoever asked hangs up, until what is returned is closed. The connection is
   * read from meanwhile, since that is how its end is noticed.
   */
  AutoCloseable onGone(Runnable action) {
    AtomicBoolean over = new AtomicBoolean();
    channel
        .closeFuture()
        .addListener(
            closed -> {
              if (over.compareAndSet(false, true)) {
                action.run();
              }
            });
    channel.config().setAutoRead(true);
    return () -> {
      channel.config().setAutoRead(false);
      over.set(true);
    };
  }

  /** Returns a list of the JSON body; empty if it is absent. */
  List<String> strings(String name) {
    List<String> all = new ArrayList<>();
    body.path(name).forEach(item -> all.add(item.asText()));
    return all;
  }

  boolean flag(String name) {
    return optional(name).map(value -> value.equals("true")).orElse(false);
  }

  /** Returns the constant that a parameter names in small letters; null if it is absent. */
  <E extends Enum<E>> @Nullable E choice(String name, Class<E> type) {
    Optional<String> word = optional(name);
    if (word.isEmpty()) {
      return null;
    }
    for (E constant : type.getEnumConstants()) {
      if (constant.name().toLowerCase(Locale.ROOT).replace('_', '-').equals(word.get())) {
        return constant;
      }
    }
    throw new IllegalArgumentException("'" + word.get() + "' is no " + name);
  }

  Optional<Long> number(String name) throws ApiException {
    Optional<String> text = optional(name);
    try {
      return text.map(Long::parseLong);
    } catch (NumberFormatException e) {
      throw ApiException.badRequest("'" + name + "' is not a number");
    }
  }

  /** Answers with JSON. */
  void json(Object value) throws IOException {
    respond(200, JSON.writeValueAsBytes(value));
  }

  /** Answers with JSON that is text already. */
  void jsonText(byte[] text) throws IOException {
    respond(200, text);
  }

  void error(ApiException e) throws IOException {
    respond(e.status(), JSON.writeValueAsBytes(description(e)));
  }

  private static Map<String, Object> description(ApiException e) {
    return Map.of(
        "error",
        Map.of(
            "code", e.code(),
            "message", String.valueOf(e.getMessage()),
            "hint", e.hint(),
            "exit", e.exit()));
  }

  /**
   * Ends an answer that is half out: its last line says why, after a line break of its own, and
   * then the connection ends without the mark of a whole answer. One of known length just ends, as
   * its peer takes all that comes for content.
   */
  void breakOff(ApiException e) throws IOException {
    if (streamed != null && streamed.chunked) {
      streamed.write(new byte[] {'\n'});
      streamed.event(description(e));
    }
  }

  private void respond(int status, byte[] content) throws IOException {
    answered = true;
    DefaultFullHttpResponse response =
        new DefaultFullHttpResponse(
            HttpVersion.HTTP_1_1,
            HttpResponseStatus.valueOf(status),
            Unpooled.wrappedBuffer(content));
    response.headers().set(HttpHeaderNames.CONTENT_TYPE, "application/json");
    response.headers().setInt(HttpHeaderNames.CONTENT_LENGTH, content.length);
    await(channel.writeAndFlush(response));
  }

  /** Begins an answer of unknown length. */
  Body stream(String contentType) throws IOException {
    return begin(contentType, null);
  }

  /** Begins an answer of known length, in bytes. */
  Body stream(String contentType, long length) throws IOException {
    return begin(contentType, length);
  }

  private Body begin(String contentType, @Nullable Long length) throws IOException {
    answered = true;
    DefaultHttpResponse response =
        new DefaultHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.OK);
    response.headers().set(HttpHeaderNames.CONTENT_TYPE, contentType);
    if (length == null) {
      response.headers().set(HttpHeaderNames.TRANSFER_ENCODING, HttpHeaderValues.CHUNKED);
    } else {
      response.headers().set(HttpHeaderNames.CONTENT_LENGTH, length);
    }
    await(channel.writeAndFlush(response));
    streamed = new Body(length == null);
    return streamed;
  }

  private static void await(ChannelFuture future) throws IOException {
    try {
      future.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("stopped");
    }
    if (!future.isSuccess()) {
      throw new ClientGoneException(future.cause());
    }
  }

  /** Whoever asked does not listen any more. */
  static final class ClientGoneException extends IOException {
    private static final long serialVersionUID = 1L;

    ClientGoneException(Throwable cause) {
      super("the client is gone", cause);
    }
  }

  /** The body of an answer, as it comes. */
  final class Body {
    private final java.io.ByteArrayOutputStream buffer = new java.io.ByteArrayOutputStream();
    private final boolean chunked;

    /** What is written leaves as it comes, however large a value is. */
    private final OutputStream out =
        new OutputStream() {
          @Override
          public void write(int b) throws IOException {
            Body.this.write(new byte[] {(byte) b});
          }

          @Override
          public void write(byte[] bytes, int offset, int length) throws IOException {
            buffer.write(bytes, offset, length);
            if (buffer.size() >= STREAM_BYTES) {
              Body.this.flush();
            }
          }
        };

    private Body(boolean chunked) {
      this.chunked = chunked;
    }

    /** Adds bytes; they leave once enough have come together. */
    void write(byte[] bytes) throws IOException {
      buffer.writeBytes(bytes);
      if (buffer.size() >= STREAM_BYTES) {
        flush();
      }
    }

    /** Adds one line of JSON and sends it now. */
    void event(Object value) throws IOException {
      line(value);
      flush();
    }

    /** Adds one line of JSON. */
    void line(Object value) throws IOException {
      JSON.writeValue(out, value);
      write(new byte[] {'\n'});
    }

    void flush() throws IOException {
      if (buffer.size() > 0) {
        byte[] bytes = buffer.toByteArray();
        buffer.reset();
        await(channel.writeAndFlush(new DefaultHttpContent(Unpooled.wrappedBuffer(bytes))));
      }
    }

    void end() throws IOException {
      flush();
      await(channel.writeAndFlush(LastHttpContent.EMPTY_LAST_CONTENT));
    }
  }
}
