package io.revfs.fuse.jnr;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The threads of one session. libfuse's own multi-threaded loop makes native threads, and each call
 * from such a thread into Java attaches it to the JVM and detaches it again (some 100 µs); so here
 * threads of Java's run libfuse's single-threaded loop, several at once on the one device, which
 * libfuse's sessions allow: its own loop does the same. One thread always waits for requests, until
 * the limit is reached, so a slow answer delays no other. Thread-safe.
 */
final class LoopThreads {
  private static final Logger log = LoggerFactory.getLogger(LoopThreads.class);

  /**
   * More requests than these wait in the kernel. A thread that ever was costs its stack and a
   * buffer of libfuse's of 132 KiB until the session ends.
   */
  private static final int MAX_THREADS = 192;

  private final String name;
  private final int limit;

  /** Threads in the loop; none begins once the last one has left. */
  private final AtomicInteger threads = new AtomicInteger();

  private final AtomicInteger busy = new AtomicInteger();
  private final CompletableFuture<Void> ended = new CompletableFuture<>();
  private volatile IntSupplier loop = () -> 0;

  LoopThreads(String name) {
    this(name, MAX_THREADS);
  }

  LoopThreads(String name, int limit) {
    this.name = name;
    this.limit = limit;
  }

  /**
   * Begins to serve. {@code loop} returns when the session is over: 0, or anything else for a
   * failure; it is run by many threads at once.
   */
  void start(IntSupplier loop) {
    this.loop = loop;
    threads.set(1);
    startThread(1);
  }

  /** Returns a stage that completes when the last thread has left the loop, never exceptionally. */
  CompletionStage<Void> ended() {
    return ended;
  }

  /** Returns how many threads there are now. */
  int size() {
    return threads.get();
  }

  /** Stands before each request, on the loop's thread: sees to it that another one waits. */
  void requestBegins() {
    if (busy.incrementAndGet() >= threads.get()) {
      grow();
    }
  }

  /** Stands after each request. */
  void requestEnds() {
    busy.decrementAndGet();
  }

  private void grow() {
    int now = threads.get();
    if (now >= limit || !threads.compareAndSet(now, now + 1)) {
      return;
    }
    try {
      startThread(now + 1);
    } catch (OutOfMemoryError e) { // the system has no thread for us: go on with those there are
      threads.decrementAndGet();
      log.warn("{}: no further thread ({})", name, e.toString());
    }
  }

  private void startThread(int number) {
    Thread.ofPlatform().daemon().name(name + " " + number).start(this::run);
  }

  private void run() {
    try {
      int result = loop.getAsInt();
      if (result != 0) {
        log.warn("{}: a thread left libfuse's loop with {}", name, result);
      }
    } catch (RuntimeException | Error e) {
      log.error("{}: libfuse's loop failed", name, e);
    } finally {
      if (threads.decrementAndGet() == 0) {
        ended.complete(null);
      }
    }
  }
}
