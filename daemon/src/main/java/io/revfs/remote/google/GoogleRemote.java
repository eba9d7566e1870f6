package io.revfs.remote.google;

import com.google.api.client.googleapis.json.GoogleJsonError;
import com.google.api.client.googleapis.json.GoogleJsonResponseException;
import com.google.api.client.http.HttpResponseException;
import io.revfs.object.ByteConsumer;
import io.revfs.object.ObjectMissingException;
import io.revfs.object.SourceUnreachableException;
import io.revfs.remote.ConfiguredRemote;
import io.revfs.remote.Redaction;
import io.revfs.remote.RemoteConfigurationException;
import io.revfs.remote.RemoteKey;
import io.revfs.remote.RemoteSettings;
import io.revfs.remote.parts.Delivery;
import java.io.IOException;
import java.io.InputStream;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A remote in a service of Google's: reading, and what failures of its client libraries mean. */
public abstract class GoogleRemote extends ConfiguredRemote {
  private static final int NOT_FOUND = 404;
  private static final int TOO_MANY_REQUESTS = 429;
  private static final int SERVER_ERROR = 500;

  protected GoogleRemote(RemoteSettings settings) {
    super(settings);
  }

  /** A request of the library's. */
  @FunctionalInterface
  protected interface Call<T> {
    T run() throws IOException;
  }

  /** Returns which options people are to look at when they are not let in. */
  protected abstract String credentialOptions();

  /** Returns what is said when the answer means that the place itself is not there. */
  protected Optional<String> placeIsMissing(String text) {
    return Optional.empty();
  }

  /**
   * Opens an object's bytes.
   *
   * @param range of them, as HTTP's header has it; empty for all
   */
  protected abstract InputStream media(RemoteKey key, Optional<String> range) throws IOException;

  @Override
  public final void read(RemoteKey key, long offset, long length, ByteConsumer consumer)
      throws IOException {
    if (length == 0) {
      return;
    }
    String range = "bytes=" + offset + "-" + (offset + length - 1);
    with(
        key.path(),
        () -> {
          try (InputStream in = media(key, Optional.of(range))) {
            long missing = Delivery.pass(in, length, consumer);
            if (missing > 0) {
              throw brokeOff(key, missing);
            }
          }
          return true;
        });
  }

  @Override
  public final long readAll(RemoteKey key, ByteConsumer consumer) throws IOException {
    return with(
        key.path(),
        () -> {
          try (InputStream in = media(key, Optional.empty())) {
            return Delivery.passAll(in, consumer);
          }
        });
  }

  /** Runs a request; fails as remotes do. */
  protected final <T> T with(String key, Call<T> call) throws IOException {
    try {
      return call.run();
    } catch (HttpResponseException e) {
      throw translate(key, e);
    } catch (ObjectMissingException | SourceUnreachableException | RemoteConfigurationException e) {
      throw e;
    } catch (Delivery.TakerFailedException e) {
      throw e.failure();
    } catch (IOException | RuntimeException e) {
      if (Thread.currentThread().isInterrupted()) {
        throw interrupted();
      }
      throw isRefusal(e) ? denied(Redaction.message(e), e) : passing(Redaction.message(e), e);
    }
  }

  /** Whether no token is given for the credentials: the library wraps the answer that says so. */
  private static boolean isRefusal(Throwable failure) {
    for (Throwable e = failure; e != null; e = e.getCause()) {
      if (e instanceof HttpResponseException answer) {
        return answer.getStatusCode() >= 400 && answer.getStatusCode() < 404;
      }
    }
    return false;
  }

  private IOException denied(String why, Exception e) {
    return lasting("access denied (%s); check %s".formatted(why, credentialOptions()), e);
  }

  private IOException translate(String key, HttpResponseException e) {
    int status = e.getStatusCode();
    @Nullable GoogleJsonError details =
        e instanceof GoogleJsonResponseException json ? json.getDetails() : null;
    String text =
        Redaction.url(
            String.valueOf(details == null ? e.getStatusMessage() : details.getMessage()));
    if (status == NOT_FOUND) {
      Optional<String> place = placeIsMissing(text);
      return place.isPresent() ? lasting(place.get(), e) : new ObjectMissingException(key, where());
    }
    boolean tooFast = status == TOO_MANY_REQUESTS || (status == 403 && text.contains("ate Limit"));
    if (!tooFast && (status == 401 || status == 403)) {
      return denied("HTTP %d: %s".formatted(status, text), e);
    }
    boolean isTransient = status >= SERVER_ERROR || tooFast || status == 408;
    return unreachable("HTTP " + status + " " + text, isTransient, e);
  }
}
