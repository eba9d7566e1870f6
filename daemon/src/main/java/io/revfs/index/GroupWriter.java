package io.revfs.index;

import java.io.Closeable;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The one thread that writes. LMDB's writer lock belongs to an operating system's thread, and our
 * callers are virtual threads; and many small writes are cheapest in one transaction.
 */
final class GroupWriter implements Closeable {
  private static final int MOST_AT_ONCE = 256;

  private final LinkedBlockingQueue<Request<?>> queue = new LinkedBlockingQueue<>();
  private final Predicate<List<Request<?>>> commit;
  private final Thread thread;
  private volatile boolean closed;

  GroupWriter(Predicate<List<Request<?>>> commit, String name) {
    this.commit = commit;
    this.thread = Thread.ofPlatform().daemon().name(name).start(this::loop);
  }

  /** One caller's work, and what became of it. */
  static final class Request<T> implements Index.Piece {
    private final Index.@Nullable WriteWork<T, ?> work;
    private final CompletableFuture<Boolean> done = new CompletableFuture<>();
    private @Nullable T result;
    private @Nullable Exception failure;

    Request(Index.@Nullable WriteWork<T, ?> work) {
      this.work = work;
    }

    @Override
    public void run(WriteTransaction transaction) {
      if (work == null) {
        return;
      }
      try {
        result = work.run(transaction);
      } catch (org.lmdbjava.Env.MapFullException e) {
        throw e;
      } catch (Exception e) {
        failure = e;
        throw new Undo();
      }
    }
  }

  /** Undoes a transaction one of whose works failed. */
  private static final class Undo extends RuntimeException {
    private static final long serialVersionUID = 1L;

    Undo() {
      super(null, null, false, false);
    }
  }

  @SuppressWarnings({"unchecked", "NullAway"}) // E is what this work throws; T's result is set
  <T, E extends Exception> T run(Index.WriteWork<T, E> work) throws E {
    if (closed) {
      throw new IllegalStateException("the index is closed");
    }
    Request<T> request = new Request<>(work);
    queue.add(request);
    request.done.join();
    if (request.failure != null) {
      throw (E) request.failure;
    }
    return request.result;
  }

  private void loop() {
    List<Request<?>> batch = new ArrayList<>();
    while (true) {
      batch.clear();
      try {
        batch.add(queue.take());
      } catch (InterruptedException e) {
        return; // nobody interrupts this thread but the end of the process
      }
      queue.drainTo(batch, MOST_AT_ONCE - 1);
      boolean last = batch.stream().anyMatch(request -> request.work == null);
      write(batch);
      if (last) {
        return;
      }
    }
  }

  private void write(List<Request<?>> batch) {
    try {
      while (!commit.test(batch)) {
        // The map was full and has grown: once more.
      }
    } catch (RuntimeException e) {
      if (batch.size() > 1) {
        // One of them failed: each gets a transaction of its own.
        for (Request<?> request : List.copyOf(batch)) {
          write(List.of(request));
        }
        return;
      }
      if (batch.getFirst().failure == null) {
        batch.getFirst().failure = e;
      }
    } catch (Error e) {
      batch.forEach(request -> request.failure = new IllegalStateException(e));
    }
    batch.forEach(request -> request.done.complete(true));
  }

  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    queue.add(new Request<Boolean>(null));
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
