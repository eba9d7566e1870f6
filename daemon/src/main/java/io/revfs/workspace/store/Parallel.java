package io.revfs.workspace.store;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Work in pieces on all cores, where a piece may bring further ones. The first failure ends it:
 * pieces not yet begun are dropped, and the failure is thrown on the caller's thread. An interrupt
 * of the caller does the same with {@link InterruptedIOException}.
 */
public final class Parallel<T> {
  /** How many threads work at once. */
  public static final int THREADS = Runtime.getRuntime().availableProcessors();

  /** What one thread does; it has memory of its own, and is closed when there is no more work. */
  public interface Worker<T> extends AutoCloseable {
    /** Does one piece; {@code more} takes further pieces. */
    void run(T piece, Consumer<T> more) throws IOException;

    @Override
    default void close() {}
  }

  private final Object lock = new Object();

  @GuardedBy("lock")
  private final Deque<T> pieces = new ArrayDeque<>();

  @GuardedBy("lock")
  private int running;

  @GuardedBy("lock")
  private @Nullable Throwable failure;

  private Parallel(Collection<? extends T> first) {
    synchronized (lock) {
      pieces.addAll(first);
    }
  }

  /** Does all pieces and those that they bring; returns when all are done. */
  public static <T> void run(Collection<? extends T> first, Supplier<? extends Worker<T>> workers)
      throws IOException {
    run(first, THREADS, workers);
  }

  /** As the other one, on so many threads. */
  public static <T> void run(
      Collection<? extends T> first, int most, Supplier<? extends Worker<T>> workers)
      throws IOException {
    Parallel<T> work = new Parallel<>(first);
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < most; i++) {
      threads.add(
          Thread.ofPlatform().daemon().name("workspace-" + i).start(() -> work.loop(workers)));
    }
    boolean interrupted = false;
    for (Thread thread : threads) {
      while (true) {
        try {
          thread.join();
          break;
        } catch (InterruptedException e) {
          interrupted = true;
          work.fail(new InterruptedIOException("interrupted"));
          threads.forEach(Thread::interrupt);
        }
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    work.throwFailure();
  }

  private void loop(Supplier<? extends Worker<T>> workers) {
    try (Worker<T> worker = workers.get()) {
      for (T piece = take(); piece != null; piece = take()) {
        try {
          worker.run(piece, this::add);
        } finally {
          done();
        }
      }
    } catch (Throwable t) {
      fail(t);
    }
  }

  /** Returns a piece, the newest first so that few wait; null when there is nothing left to do. */
  private @Nullable T take() throws InterruptedIOException {
    synchronized (lock) {
      while (true) {
        if (failure != null) {
          return null;
        }
        T piece = pieces.pollLast();
        if (piece != null) {
          running++;
          return piece;
        }
        if (running == 0) {
          return null;
        }
        try {
          lock.wait();
        } catch (InterruptedException e) {
          throw new InterruptedIOException("interrupted");
        }
      }
    }
  }

  private void add(T piece) {
    synchronized (lock) {
      pieces.addLast(piece);
      lock.notify();
    }
  }

  private void done() {
    synchronized (lock) {
      running--;
      if (running == 0) {
        lock.notifyAll();
      }
    }
  }

  private void fail(Throwable t) {
    synchronized (lock) {
      if (failure == null) {
        failure = t;
      }
      lock.notifyAll();
    }
  }

  private void throwFailure() throws IOException {
    Throwable thrown;
    synchronized (lock) {
      thrown = failure;
    }
    switch (thrown) {
      case null -> {}
      case IOException e -> throw e;
      case RuntimeException e -> throw e;
      case Error e -> throw e;
      default -> throw new IllegalStateException(thrown);
    }
  }
}
