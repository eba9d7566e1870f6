package io.revfs.command.copy;

import io.revfs.command.CommandFailure;
import io.revfs.command.Invocation;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Copies on several threads, which read through channels that others share and so are never
 * interrupted: when the caller goes away, each ends after the piece it is at.
 */
public final class Copies implements AutoCloseable {
  private static final int WAITING = 256;
  private static final int WAIT_MILLISECONDS = 50;

  private final Invocation call;
  private final String label;
  private final ArrayBlockingQueue<Copy> waiting = new ArrayBlockingQueue<>(WAITING);
  private final List<Thread> threads = new ArrayList<>();
  private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
  private final AtomicBoolean stopped = new AtomicBoolean();
  private final AtomicLong files = new AtomicLong();
  private final AtomicLong bytes = new AtomicLong();
  private volatile boolean last;
  private volatile long expected;

  /** One file to copy. */
  @FunctionalInterface
  public interface Copy {
    /** Copies it, and tells the progress of each piece. */
    void copy(Progress progress) throws IOException;
  }

  /** Takes what was copied. */
  @FunctionalInterface
  public interface Progress {
    /**
     * Takes the length of the next piece.
     *
     * @throws InterruptedIOException if the copy is not wanted any more
     */
    void copied(long bytes) throws InterruptedIOException;
  }

  /**
   * @param label what is copied, for people
   * @param jobs how many copies at once
   */
  public Copies(Invocation call, String label, int jobs) {
    this.call = call;
    this.label = label;
    for (int i = 0; i < jobs; i++) {
      threads.add(Thread.ofVirtual().start(this::work));
    }
  }

  /** Returns how many copies at once the caller wants. */
  public static int jobs(Invocation call) throws CommandFailure {
    long jobs = call.number("jobs").orElse(4L * Runtime.getRuntime().availableProcessors());
    if (jobs < 1) {
      throw new CommandFailure("--jobs must be positive", "see --help", CommandFailure.USAGE);
    }
    return (int) Math.min(jobs, 256);
  }

  /** Says how many bytes there will be, if that is known. */
  public void expect(long total) {
    expected = total;
  }

  private void work() {
    try {
      while (!stopped.get()) {
        Copy next = waiting.poll(WAIT_MILLISECONDS, TimeUnit.MILLISECONDS);
        if (next != null) {
          next.copy(this::copied);
          files.incrementAndGet();
        } else if (last) {
          return;
        }
      }
    } catch (Exception e) {
      failure.compareAndSet(null, e);
      stopped.set(true);
    }
  }

  private void copied(long piece) throws InterruptedIOException {
    bytes.addAndGet(piece);
    if (stopped.get()) {
      throw new InterruptedIOException("stopped");
    }
  }

  /** Adds a copy; waits while many are waiting. */
  public void add(Copy copy) throws IOException {
    try {
      while (!waiting.offer(copy, WAIT_MILLISECONDS, TimeUnit.MILLISECONDS)) {
        check();
      }
      check();
    } catch (InterruptedException e) {
      throw interrupted();
    }
  }

  private void check() throws IOException {
    if (expected > 0) {
      call.progress(label, bytes.get(), expected, "bytes");
    } else {
      call.progress(label, files.get(), 0, "files");
    }
    Throwable thrown = failure.get();
    if (thrown instanceof IOException e) {
      throw e;
    }
    if (thrown != null) {
      throw new IOException(thrown);
    }
  }

  private static InterruptedIOException interrupted() {
    Thread.currentThread().interrupt();
    return new InterruptedIOException("interrupted");
  }

  /** Waits until all are copied; throws what the first that failed threw. */
  public void await() throws IOException {
    last = true;
    try {
      for (Thread thread : threads) {
        while (!thread.join(java.time.Duration.ofMillis(WAIT_MILLISECONDS))) {
          check();
        }
      }
    } catch (InterruptedException e) {
      throw interrupted();
    }
    check();
  }

  /** Returns how many files were copied. */
  public long files() {
    return files.get();
  }

  /** Returns how many bytes were copied. */
  public long bytes() {
    return bytes.get();
  }

  /** Stops what is not done, and waits until nothing is written any more. */
  @Override
  public void close() {
    stopped.set(true);
    boolean interrupted = false;
    for (Thread thread : threads) {
      while (thread.isAlive()) {
        try {
          thread.join();
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
