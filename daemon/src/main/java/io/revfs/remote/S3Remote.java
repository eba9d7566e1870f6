package io.revfs.remote;

import io.revfs.object.ByteConsumer;
import io.revfs.object.ObjectMissingException;
import io.revfs.object.SourceUnreachableException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.async.AsyncRequestBody;
import software.amazon.awssdk.core.async.AsyncResponseTransformer;
import software.amazon.awssdk.core.exception.ApiCallTimeoutException;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.services.s3.S3AsyncClient;
import software.amazon.awssdk.services.s3.model.GetObjectRequest;
import software.amazon.awssdk.services.s3.model.GetObjectResponse;
import software.amazon.awssdk.services.s3.model.HeadObjectResponse;
import software.amazon.awssdk.services.s3.model.ListObjectsV2Response;
import software.amazon.awssdk.services.s3.model.S3Exception;
import software.amazon.awssdk.services.s3.model.S3Object;

/**
 * S3 and what speaks its protocol, through the AWS SDK's asynchronous client on Netty. The calling
 * thread takes the bytes, so a slow reader slows the connection down instead of filling memory.
 */
final class S3Remote implements Remote {
  private static final int SMALL_BYTES = 512 << 10;
  private static final int NOT_FOUND = 404;
  private static final int RANGE_NOT_SATISFIABLE = 416;
  private static final int TOO_MANY_REQUESTS = 429;
  private static final int SERVER_ERROR = 500;

  private final String name;
  private final String url;
  private final String bucket;
  private final String prefix;
  private final RemoteLimits limits;
  private final S3AsyncClient client;

  S3Remote(RemoteSettings settings) throws IOException {
    this.name = settings.name();
    this.url = Redaction.url(settings.url());
    URI uri = URI.create(settings.url().replace(" ", "%20"));
    if (uri.getHost() == null && uri.getAuthority() == null) {
      throw new IOException("remote '%s': no bucket in %s".formatted(name, url));
    }
    this.bucket = uri.getHost() != null ? uri.getHost() : uri.getAuthority();
    String path = uri.getPath() == null ? "" : uri.getPath().replaceAll("^/+|/+$", "");
    this.prefix = path.isEmpty() ? "" : path + "/";
    this.limits = settings.limits();
    this.client = S3Clients.open(settings);
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public String url() {
    return url;
  }

  @Override
  public Set<Capability> capabilities() {
    return EnumSet.of(Capability.LIST, Capability.WRITE, Capability.VERSIONS);
  }

  private long mostMilliseconds() {
    return limits.connectTimeout().plus(limits.readTimeout()).toMillis() + 5_000;
  }

  private <T> T await(String key, CompletableFuture<T> future) throws IOException {
    try {
      // The client has its own time-outs; this one is for a client that hangs.
      return future.get(mostMilliseconds(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      future.cancel(true);
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted while waiting for " + describe());
    } catch (TimeoutException e) {
      future.cancel(true);
      throw unreachable("no answer within the time-out", true, e);
    } catch (ExecutionException e) {
      throw translate(key, e.getCause());
    }
  }

  @Override
  public RemoteObject stat(RemoteKey key) throws IOException {
    HeadObjectResponse head =
        await(
            key.path(),
            client.headObject(
                b -> {
                  b.bucket(bucket).key(prefix + key.path());
                  key.version().ifPresent(b::versionId);
                }));
    return new RemoteObject(
        key.path(),
        head.contentLength(),
        Optional.ofNullable(head.eTag()).map(S3Remote::unquote),
        Optional.ofNullable(head.versionId()));
  }

  @Override
  public void read(RemoteKey key, long offset, long length, ByteConsumer consumer)
      throws IOException {
    if (length == 0) {
      return;
    }
    GetObjectRequest.Builder request =
        GetObjectRequest.builder()
            .bucket(bucket)
            .key(prefix + key.path())
            .range("bytes=" + offset + "-" + (offset + length - 1));
    key.version().ifPresent(request::versionId);
    if (length <= SMALL_BYTES) {
      // In one piece: handing over each packet costs more than the packet.
      ByteBuffer bytes =
          await(key.path(), client.getObject(request.build(), AsyncResponseTransformer.toBytes()))
              .asByteBuffer();
      if (bytes.remaining() != length) {
        throw unreachable(
            key.path() + " broke off, " + (length - bytes.remaining()) + " bytes missing",
            true,
            null);
      }
      consumer.accept(bytes);
      return;
    }
    S3Body body = new S3Body();
    CompletableFuture<GetObjectResponse> answer = client.getObject(request.build(), body);
    boolean whole = false;
    try {
      long left = length;
      while (left > 0) {
        ByteBuffer piece = body.take(mostMilliseconds());
        if (piece == null || piece.remaining() > left) {
          throw unreachable(key.path() + " broke off, " + left + " bytes missing", true, null);
        }
        left -= piece.remaining();
        consumer.accept(piece);
      }
      whole = true;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted while reading from " + describe());
    } catch (TimeoutException e) {
      throw unreachable("no answer within the time-out", true, e);
    } catch (CompletionException e) {
      throw translate(key.path(), e);
    } finally {
      if (!whole) {
        body.cancel();
        answer.cancel(true);
      }
    }
  }

  @Override
  public void list(String under, ListSink sink) throws IOException {
    @Nullable String token = null;
    do {
      String continuation = token;
      ListObjectsV2Response page =
          await(
              under,
              client.listObjectsV2(
                  b -> b.bucket(bucket).prefix(prefix + under).continuationToken(continuation)));
      for (S3Object object : page.contents()) {
        if (!object.key().startsWith(prefix)) {
          continue;
        }
        boolean more =
            sink.accept(
                new RemoteObject(
                    object.key().substring(prefix.length()),
                    object.size(),
                    Optional.ofNullable(object.eTag()).map(S3Remote::unquote),
                    Optional.empty()));
        if (!more) {
          return;
        }
      }
      token = Boolean.TRUE.equals(page.isTruncated()) ? page.nextContinuationToken() : null;
    } while (token != null);
  }

  /** S3 shows an object only once it is whole. */
  @Override
  public void write(String path, Path content) throws IOException {
    long size = Files.size(content);
    AsyncRequestBody body =
        size == 0 ? AsyncRequestBody.empty() : AsyncRequestBody.fromFile(content);
    try {
      client.putObject(b -> b.bucket(bucket).key(prefix + path).contentLength(size), body).get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted while writing to " + describe());
    } catch (ExecutionException e) {
      throw translate(path, e.getCause());
    }
  }

  @Override
  public void delete(String path) throws IOException {
    await(path, client.deleteObject(b -> b.bucket(bucket).key(prefix + path)));
  }

  private static String unquote(String etag) {
    return etag.replace("\"", "");
  }

  private String describe() {
    return "remote '" + name + "' (" + url + ")";
  }

  private SourceUnreachableException unreachable(
      String why, boolean isTransient, @Nullable Throwable cause) {
    return new SourceUnreachableException(describe(), Redaction.url(why), isTransient, cause);
  }

  private IOException translate(String key, @Nullable Throwable failure) {
    Throwable cause = failure instanceof CompletionException c ? c.getCause() : failure;
    if (cause instanceof S3Exception e) {
      int status = e.statusCode();
      String code = e.awsErrorDetails() == null ? "" : e.awsErrorDetails().errorCode();
      if (status == NOT_FOUND && !"NoSuchBucket".equals(code)) {
        return new ObjectMissingException(key, describe());
      }
      if (status == RANGE_NOT_SATISFIABLE) {
        return unreachable(key + " is shorter than what was asked of it", false, e);
      }
      if (status == 401 || status == 403) {
        return unreachable(
            "access denied (%s); check the credentials: access_key_id, profile, AWS_* variables"
                .formatted(code),
            false,
            e);
      }
      boolean isTransient = status >= SERVER_ERROR || status == TOO_MANY_REQUESTS;
      return unreachable("HTTP " + status + " " + code, isTransient, e);
    }
    if (cause instanceof ApiCallTimeoutException) {
      return unreachable("no answer within the time-out", true, cause);
    }
    if (cause instanceof SdkClientException e) {
      String text = String.valueOf(e.getMessage());
      boolean credentials = text.contains("credentials");
      return unreachable(credentials ? "no credentials found: " + text : text, !credentials, cause);
    }
    return unreachable(String.valueOf(cause), true, cause);
  }

  @Override
  public void close() {
    client.close();
  }

  static Duration seconds(String text) {
    return Duration.ofMillis((long) (Double.parseDouble(text) * 1000));
  }
}
