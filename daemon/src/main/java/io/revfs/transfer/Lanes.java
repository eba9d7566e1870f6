package io.revfs.transfer;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Does the same with many things, several at once. What a task throws ends all: tasks themselves
 * take note of failures that concern one thing only. An interrupt ends all tasks and returns when
 * they have ended.
 */
public final class Lanes {
  private Lanes() {}

  /** What is done with one thing. */
  @FunctionalInterface
  public interface Task<T> {
    void run(T thing) throws IOException;
  }

  /** Runs a task with each of the things, {@code lanes} at once, and returns when all is done. */
  public static <T> void run(Collection<T> things, int lanes, Task<T> task) throws IOException {
    Iterator<T> left = things.iterator();
    AtomicBoolean ended = new AtomicBoolean();
    IOException first = null;
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<Boolean>> running = new ArrayList<>();
      for (int i = 0; i < Math.min(lanes, things.size()); i++) {
        running.add(threads.submit(() -> lane(left, ended, task)));
      }
      for (Future<Boolean> lane : running) {
        try {
          lane.get();
        } catch (ExecutionException e) {
          IOException failure = cause(e);
          if (first == null) {
            first = failure;
            running.forEach(other -> other.cancel(true));
          }
        } catch (java.util.concurrent.CancellationException e) {
          // one failed before it
        } catch (InterruptedException e) {
          ended.set(true);
          threads.shutdownNow();
          Thread.currentThread().interrupt();
          first = new InterruptedIOException("interrupted");
          break;
        }
      }
    }
    if (first != null) {
      throw first;
    }
  }

  private static IOException cause(ExecutionException e) {
    if (e.getCause() instanceof IOException io) {
      return io;
    }
    if (e.getCause() instanceof RuntimeException runtime) {
      throw runtime;
    }
    return new IOException(e.getCause());
  }

  private static <T> boolean lane(Iterator<T> left, AtomicBoolean ended, Task<T> task)
      throws IOException {
    while (!ended.get()) {
      T thing;
      synchronized (left) {
        if (!left.hasNext()) {
          return true;
        }
        thing = left.next();
      }
      try {
        task.run(thing);
      } catch (IOException | RuntimeException e) {
        ended.set(true);
        throw e;
      }
    }
    return false;
  }
}
