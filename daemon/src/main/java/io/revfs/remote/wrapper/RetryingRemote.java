package io.revfs.remote.wrapper;

import io.revfs.object.ByteConsumer;
import io.revfs.object.SourceUnreachableException;
import io.revfs.remote.Remote;
import io.revfs.remote.RemoteKey;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * Tries transient failures again, after waits that double from 100 ms to 10 s with full jitter (AWS
 * Architecture Blog, "Exponential Backoff And Jitter"). A read that broke off goes on where it
 * broke off.
 */
final class RetryingRemote extends ForwardingRemote {
  private static final long FIRST_WAIT_MILLIS = 100;
  private static final long LONGEST_WAIT_MILLIS = 10_000;

  private final Remote inner;
  private final int retries;
  private final Sleeper sleeper;
  private final RandomGenerator random;

  /** Waits; a parameter for tests. */
  @FunctionalInterface
  interface Sleeper {
    void sleep(Duration time) throws InterruptedException;
  }

  /** {@code random} must be thread-safe. */
  RetryingRemote(Remote inner, int retries, Sleeper sleeper, RandomGenerator random) {
    super(inner);
    this.inner = inner;
    this.retries = retries;
    this.sleeper = sleeper;
    this.random = random;
  }

  @Override
  <T> T around(Request<T> request) throws IOException {
    for (int failed = 0; ; failed++) {
      try {
        return request.run();
      } catch (SourceUnreachableException e) {
        if (!e.isTransient() || failed >= retries) {
          throw e;
        }
      }
      pause(failed);
    }
  }

  private void pause(int failed) throws InterruptedIOException {
    long most = Math.min(LONGEST_WAIT_MILLIS, FIRST_WAIT_MILLIS << Math.min(failed, 10));
    try {
      sleeper.sleep(Duration.ofMillis(random.nextLong(most + 1)));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted while waiting for " + name());
    }
  }

  @Override
  public void read(RemoteKey key, long offset, long length, ByteConsumer consumer)
      throws IOException {
    Progress progress = new Progress(consumer);
    around(
        () -> {
          inner.read(key, offset + progress.had, length - progress.had, progress);
          return true;
        });
  }

  @Override
  public long readAll(RemoteKey key, ByteConsumer consumer) throws IOException {
    Progress progress = new Progress(consumer);
    around(
        () -> {
          if (progress.had == 0) {
            inner.readAll(key, progress);
          } else {
            long size = inner.stat(key).size();
            inner.read(key, progress.had, size - progress.had, progress);
          }
          return true;
        });
    return progress.had;
  }

  /** Tried again until the sink has had a part. */
  @Override
  public void list(String prefix, ListSink sink) throws IOException {
    for (int failed = 0; ; failed++) {
      boolean[] begun = {false};
      try {
        inner.list(
            prefix,
            object -> {
              begun[0] = true;
              return sink.accept(object);
            });
        return;
      } catch (SourceUnreachableException e) {
        if (begun[0] || !e.isTransient() || failed >= retries) {
          throw e;
        }
      }
      pause(failed);
    }
  }

  /** Counts the bytes that arrived. */
  private static final class Progress implements ByteConsumer {
    private final ByteConsumer consumer;
    private long had;

    Progress(ByteConsumer consumer) {
      this.consumer = consumer;
    }

    @Override
    public void accept(java.nio.ByteBuffer bytes) throws IOException {
      int n = bytes.remaining();
      consumer.accept(bytes);
      had += n;
    }
  }
}
