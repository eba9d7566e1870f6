package io.revfs.remote.s3;

import io.revfs.object.ObjectMissingException;
import io.revfs.object.SourceUnreachableException;
import io.revfs.remote.Redaction;
import io.revfs.remote.RemoteSettings;
import io.revfs.remote.ServerTrust;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.exception.ApiCallTimeoutException;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.services.s3.model.S3Exception;

/** Waits for the SDK's answers and puts its failures into our words. */
final class S3Calls {
  private static final int NOT_FOUND = 404;
  private static final int RANGE_NOT_SATISFIABLE = 416;
  private static final int TOO_MANY_REQUESTS = 429;
  private static final int SERVER_ERROR = 500;
  private static final int INSUFFICIENT_STORAGE = 507;
  private static final long SLACK_MILLIS = 5_000;

  private final String where;
  private final long longestMillis;

  S3Calls(RemoteSettings settings) {
    this.where = settings.describe();
    this.longestMillis =
        settings.limits().connectTimeout().plus(settings.limits().readTimeout()).toMillis()
            + SLACK_MILLIS;
  }

  /** Waits for a short answer. The client has time-outs; this one is for a client that hangs. */
  <T> T await(String key, CompletableFuture<T> future) throws IOException {
    return await(key, future, longestMillis);
  }

  /** Waits for an answer to a body of some size: no slower than 64 KiB a second. */
  <T> T awaitUpload(String key, CompletableFuture<T> future, long bytes) throws IOException {
    return await(key, future, longestMillis + (bytes >> 6));
  }

  private <T> T await(String key, CompletableFuture<T> future, long most) throws IOException {
    try {
      return future.get(most, TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      future.cancel(true);
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted while waiting for " + where);
    } catch (TimeoutException e) {
      future.cancel(true);
      throw unreachable("no answer within the time-out", true, e);
    } catch (ExecutionException e) {
      throw translate(key, e.getCause());
    }
  }

  /** Waits for the next piece of a body; null at its end. */
  @Nullable ByteBuffer next(String key, S3Body body) throws IOException {
    try {
      return body.take(longestMillis);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted while reading from " + where);
    } catch (TimeoutException e) {
      throw unreachable("no answer within the time-out", true, e);
    } catch (CompletionException e) {
      throw translate(key, e);
    }
  }

  SourceUnreachableException unreachable(
      String why, boolean isTransient, @Nullable Throwable cause) {
    return new SourceUnreachableException(where, Redaction.url(why), isTransient, cause);
  }

  IOException translate(String key, @Nullable Throwable failure) {
    Throwable cause = failure instanceof CompletionException c ? c.getCause() : failure;
    if (cause instanceof S3Exception e) {
      return translate(key, e);
    }
    if (cause instanceof ApiCallTimeoutException) {
      return unreachable("no answer within the time-out", true, cause);
    }
    Optional<String> untrusted = ServerTrust.refusal(cause);
    if (untrusted.isPresent()) {
      return unreachable(untrusted.get(), false, cause);
    }
    if (cause instanceof SdkClientException e) {
      String text = String.valueOf(e.getMessage());
      boolean credentials = text.contains("credentials");
      return unreachable(credentials ? "no credentials found: " + text : text, !credentials, cause);
    }
    return unreachable(String.valueOf(cause), true, cause);
  }

  private IOException translate(String key, S3Exception e) {
    int status = e.statusCode();
    String code = e.awsErrorDetails() == null ? "" : e.awsErrorDetails().errorCode();
    if ("NoSuchBucket".equals(code)) {
      return unreachable("the bucket does not exist", false, e);
    }
    if (status == NOT_FOUND) {
      return new ObjectMissingException(key, where);
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
    if (status == INSUFFICIENT_STORAGE || "QuotaExceeded".equals(code)) {
      return unreachable("it is full; make room there and try again", false, e);
    }
    boolean isTransient = status >= SERVER_ERROR || status == TOO_MANY_REQUESTS;
    return unreachable("HTTP " + status + " " + code, isTransient, e);
  }
}
