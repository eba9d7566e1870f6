package io.revfs.remote.http;

import io.revfs.object.ByteConsumer;
import io.revfs.object.ObjectMissingException;
import io.revfs.object.SourceUnreachableException;
import io.revfs.remote.Redaction;
import io.revfs.remote.RemoteConfigurationException;
import io.revfs.remote.RemoteSettings;
import io.revfs.remote.Upload;
import io.revfs.remote.parts.CountingStream;
import io.revfs.remote.parts.Delivery;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.Locale;
import org.apache.http.HttpEntity;
import org.apache.http.HttpHeaders;
import org.apache.http.HttpStatus;
import org.apache.http.client.methods.CloseableHttpResponse;
import org.apache.http.client.methods.HttpEntityEnclosingRequestBase;
import org.apache.http.client.methods.HttpUriRequest;
import org.apache.http.client.methods.RequestBuilder;
import org.apache.http.entity.InputStreamEntity;
import org.apache.http.util.EntityUtils;

/** The requests that plain HTTP and WebDAV have in common, below one base URL. */
final class HttpStore implements Closeable {
  private static final int INSUFFICIENT_STORAGE = 507;
  private static final int TOO_MANY_REQUESTS = 429;

  private final String where;
  private final String base;
  private final HttpLogin login;

  HttpStore(RemoteSettings settings) throws IOException {
    this.where = settings.describe();
    URI uri;
    try {
      uri = new URI(settings.url().replace(" ", "%20"));
    } catch (URISyntaxException e) {
      throw new RemoteConfigurationException(settings.name(), "the URL is malformed", e);
    }
    if (uri.getHost() == null) {
      throw new RemoteConfigurationException(
          settings.name(), "no host in " + Redaction.url(settings.url()));
    }
    boolean tls = uri.getScheme().endsWith("s");
    String path = uri.getRawPath() == null ? "" : uri.getRawPath().replaceAll("/+$", "");
    String port = uri.getPort() < 0 ? "" : ":" + uri.getPort();
    this.base = (tls ? "https://" : "http://") + uri.getHost() + port + path;
    this.login = HttpLogin.of(settings, uri);
  }

  String describe() {
    return where;
  }

  /** Returns the URL of a key; an empty one is the base. */
  String url(String key) {
    if (key.isEmpty()) {
      return base;
    }
    StringBuilder url = new StringBuilder(base);
    for (String part : key.split("/")) {
      url.append('/').append(encode(part));
    }
    return url.toString();
  }

  private static String encode(String part) {
    StringBuilder text = new StringBuilder();
    for (byte b : part.getBytes(StandardCharsets.UTF_8)) {
      char c = (char) (b & 0xFF);
      boolean plain =
          (c >= 'a' && c <= 'z')
              || (c >= 'A' && c <= 'Z')
              || (c >= '0' && c <= '9')
              || "-._~".indexOf(c) >= 0;
      text.append(plain ? String.valueOf(c) : "%%%02X".formatted((int) c));
    }
    return text.toString();
  }

  /** Returns the path of the base, as servers write it in answers. */
  String basePath() {
    String path = URI.create(base).getPath();
    return path == null ? "" : path;
  }

  /** What a request's answer is for. */
  @FunctionalInterface
  interface Answer<T> {
    T take(CloseableHttpResponse response, int status) throws IOException;
  }

  /** Sends a request and passes a good answer on; 404 is a missing key. */
  <T> T send(String key, HttpUriRequest request, Answer<T> answer) throws IOException {
    try (CloseableHttpResponse response = login.execute(request)) {
      int status = response.getStatusLine().getStatusCode();
      if (status >= HttpStatus.SC_OK && status < HttpStatus.SC_MULTIPLE_CHOICES) {
        T result = answer.take(response, status);
        return result;
      }
      EntityUtils.consumeQuietly(response.getEntity());
      throw refused(key, status, response.getStatusLine().getReasonPhrase());
    } catch (ObjectMissingException | SourceUnreachableException e) {
      throw e;
    } catch (RemoteConfigurationException e) {
      throw e;
    } catch (Delivery.TakerFailedException e) {
      throw e.failure();
    } catch (IOException | RuntimeException e) {
      boolean timeout =
          e instanceof java.net.SocketTimeoutException
              || e instanceof org.apache.http.conn.ConnectTimeoutException;
      if (Thread.currentThread().isInterrupted()
          || (e instanceof InterruptedIOException && !timeout)) {
        throw new InterruptedIOException("interrupted while waiting for " + where);
      }
      throw new SourceUnreachableException(where, Redaction.message(e), true, e);
    }
  }

  IOException refused(String key, int status, String reason) {
    if (status == HttpStatus.SC_NOT_FOUND || status == HttpStatus.SC_GONE) {
      return new ObjectMissingException(key, where);
    }
    if (status == HttpStatus.SC_UNAUTHORIZED || status == HttpStatus.SC_FORBIDDEN) {
      return new SourceUnreachableException(
          where,
          "access denied (HTTP %d); check user, password or token".formatted(status),
          false,
          null);
    }
    if (status == HttpStatus.SC_REQUESTED_RANGE_NOT_SATISFIABLE) {
      return new SourceUnreachableException(
          where, key + " is shorter than what was asked of it", false, null);
    }
    if (status == INSUFFICIENT_STORAGE || status == HttpStatus.SC_REQUEST_TOO_LONG) {
      return new SourceUnreachableException(
          where, "it is full or takes no file of this size (HTTP " + status + ")", false, null);
    }
    if (status == HttpStatus.SC_METHOD_NOT_ALLOWED || status == HttpStatus.SC_NOT_IMPLEMENTED) {
      return new SourceUnreachableException(
          where,
          "the server does not allow this (HTTP %d); is it read-only, or does it want another"
                  .formatted(status)
              + " 'method'?",
          false,
          null);
    }
    boolean isTransient =
        status >= HttpStatus.SC_INTERNAL_SERVER_ERROR
            || status == TOO_MANY_REQUESTS
            || status == HttpStatus.SC_REQUEST_TIMEOUT
            || status == HttpStatus.SC_CONFLICT // WebDAV's word for a directory that vanished
            || status == HttpStatus.SC_LOCKED;
    return new SourceUnreachableException(
        where, "HTTP " + status + " " + reason, isTransient, null);
  }

  /** Returns the size that a HEAD tells. */
  long size(String key) throws IOException {
    return send(
        key,
        RequestBuilder.head(url(key)).build(),
        (response, status) -> {
          if (response.getFirstHeader(HttpHeaders.CONTENT_LENGTH) == null) {
            throw new SourceUnreachableException(
                where, "the server does not tell the size of " + key, false, null);
          }
          return Long.parseLong(response.getFirstHeader(HttpHeaders.CONTENT_LENGTH).getValue());
        });
  }

  /** Passes a range on, also from a server that knows no ranges and sends all. */
  void read(String key, long offset, long length, ByteConsumer consumer) throws IOException {
    if (length == 0) {
      return; // HTTP has no empty range
    }
    HttpUriRequest request =
        RequestBuilder.get(url(key))
            .addHeader(HttpHeaders.RANGE, "bytes=" + offset + "-" + (offset + length - 1))
            .build();
    send(
        key,
        request,
        (response, status) -> {
          HttpEntity entity = response.getEntity();
          if (entity == null) {
            throw brokeOff(key, length);
          }
          InputStream in = entity.getContent();
          if (status != HttpStatus.SC_PARTIAL_CONTENT) {
            in.skipNBytes(offset);
          }
          long left = Delivery.pass(in, length, consumer);
          if (left > 0) {
            throw brokeOff(key, left);
          }
          if (status == HttpStatus.SC_PARTIAL_CONTENT) {
            EntityUtils.consumeQuietly(entity); // gives the connection back
          } else {
            request.abort();
          }
          return true;
        });
  }

  /** Passes all bytes on; a body shorter than announced is an error of the client's own. */
  long readAll(String key, ByteConsumer consumer) throws IOException {
    return send(
        key,
        RequestBuilder.get(url(key)).build(),
        (response, status) -> {
          HttpEntity entity = response.getEntity();
          return entity == null ? 0L : Delivery.passAll(entity.getContent(), consumer);
        });
  }

  private SourceUnreachableException brokeOff(String key, long left) {
    return new SourceUnreachableException(
        where, key + " broke off, " + left + " bytes missing", true, null);
  }

  /** A request of any method with a body. */
  private static final class BodyRequest extends HttpEntityEnclosingRequestBase {
    private final String method;

    BodyRequest(String method, String url) {
      this.method = method;
      setURI(URI.create(url));
    }

    @Override
    public String getMethod() {
      return method;
    }
  }

  /** Sends a file as the body of one request. */
  void send(String method, String key, String target, Upload upload) throws IOException {
    BodyRequest request = new BodyRequest(method.toUpperCase(Locale.ROOT), url(target));
    try (InputStream in =
        new CountingStream(Files.newInputStream(upload.content()), upload.sent())) {
      InputStreamEntity entity = new InputStreamEntity(in, upload.size());
      request.setEntity(entity);
      send(
          key,
          request,
          (response, status) -> {
            EntityUtils.consumeQuietly(response.getEntity());
            return true;
          });
    }
  }

  @Override
  public void close() {
    login.close();
  }
}
