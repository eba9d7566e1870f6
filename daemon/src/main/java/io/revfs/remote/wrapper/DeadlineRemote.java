package io.revfs.remote.wrapper;

import io.revfs.object.ByteConsumer;
import io.revfs.object.SourceUnreachableException;
import io.revfs.remote.Remote;
import io.revfs.remote.RemoteKey;
import io.revfs.remote.RemoteObject;
import io.revfs.remote.RemoteSettings;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Gives up on requests that look and read and do not get on, whatever the store's own time-outs
 * make of it: a server that sends a byte now and then keeps those waiting for ever. Requests run in
 * a thread of their own, so that who waits can always leave. What is written is not bounded here.
 */
final class DeadlineRemote extends ForwardingRemote {
  /** Slower than this is as good as not at all. */
  private static final long LEAST_BYTES_PER_SECOND = 1024;

  /** The store's own time-outs say better what is wrong, so they come first. */
  private static final Duration GRACE = Duration.ofSeconds(1);

  private final Remote inner;
  private final Duration first;
  private final Duration later;

  private DeadlineRemote(Remote inner, Duration first, Duration later) {
    super(inner);
    this.inner = inner;
    this.first = first;
    this.later = later;
  }

  /** Bounds a remote by its settings: the time-outs of the limits, or longer ones of its own. */
  static Remote around(Remote inner, RemoteSettings settings) {
    Duration connect = longer(settings, "connect_timeout", settings.limits().connectTimeout());
    Duration read = longer(settings, "read_timeout", settings.limits().readTimeout());
    return new DeadlineRemote(inner, connect.plus(read).plus(GRACE), read.plus(GRACE));
  }

  private static Duration longer(RemoteSettings settings, String option, Duration otherwise) {
    Duration own =
        settings
            .option(option)
            .filter(text -> text.matches("\\d{1,6}(\\.\\d{1,6})?"))
            .map(text -> Duration.ofMillis((long) (Double.parseDouble(text) * 1000)))
            .orElse(otherwise);
    return own.compareTo(otherwise) > 0 ? own : otherwise;
  }

  @Override
  <T> T around(Request<T> request) throws IOException {
    return request.run();
  }

  @Override
  public RemoteObject stat(RemoteKey key) throws IOException {
    return within(new Progress(), () -> inner.stat(key));
  }

  @Override
  public void read(RemoteKey key, long offset, long length, ByteConsumer consumer)
      throws IOException {
    Progress progress = new Progress();
    within(
        progress,
        () -> {
          inner.read(key, offset, length, bytes -> progress.pass(bytes, consumer));
          return true;
        });
  }

  private <T> T within(Progress progress, Request<T> request) throws IOException {
    FutureTask<T> task = new FutureTask<>(request::run);
    Thread worker = Thread.ofVirtual().name("request to " + name()).start(task);
    Duration window = first;
    while (true) {
      try {
        return task.get(window.toNanos(), TimeUnit.NANOSECONDS);
      } catch (TimeoutException e) {
        long least = Math.max(1, LEAST_BYTES_PER_SECOND * window.toMillis() / 1000);
        if (progress.take() < least) {
          progress.giveUp();
          worker.interrupt();
          throw new SourceUnreachableException(
              "remote '" + name() + "' (" + url() + ")",
              "no answer, or too slow a one, for " + window.toSeconds() + " s",
              true,
              e);
        }
        window = later;
      } catch (InterruptedException e) {
        progress.giveUp();
        worker.interrupt();
        Thread.currentThread().interrupt();
        throw new InterruptedIOException("interrupted while waiting for " + name());
      } catch (ExecutionException e) {
        if (e.getCause() instanceof IOException failure) {
          throw failure;
        }
        if (e.getCause() instanceof RuntimeException failure) {
          throw failure;
        }
        throw new IOException(e.getCause());
      }
    }
  }

  /** What has arrived of one request. After it was given up, its consumer is left alone. */
  private static final class Progress {
    private long bytes;
    private boolean givenUp;

    /** Interrupts come after {@link #giveUp}, so never while the consumer writes to a file. */
    synchronized void pass(ByteBuffer arrived, ByteConsumer consumer) throws IOException {
      if (givenUp) {
        throw new InterruptedIOException("nobody waits any more");
      }
      int n = arrived.remaining();
      consumer.accept(arrived);
      bytes += n;
    }

    synchronized long take() {
      long taken = bytes;
      bytes = 0;
      return taken;
    }

    synchronized void giveUp() {
      givenUp = true;
    }
  }
}
