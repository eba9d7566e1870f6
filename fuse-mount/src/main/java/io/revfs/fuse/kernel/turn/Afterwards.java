package io.revfs.fuse.kernel.turn;

import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What nobody waits for, and is done when there is nothing else to do, or soon in any case.
 * Thread-safe.
 */
final class Afterwards {
  private static final Logger log = LoggerFactory.getLogger(Afterwards.class);
  private static final long SOON_NANOS = TimeUnit.MILLISECONDS.toNanos(1);
  private static final int MOST = 64;

  private record Work(Runnable what, long since) {}

  private final ConcurrentLinkedQueue<Work> works = new ConcurrentLinkedQueue<>();
  private final AtomicInteger count = new AtomicInteger();

  void add(Runnable work) {
    count.incrementAndGet();
    works.add(new Work(work, System.nanoTime()));
  }

  /** Returns whether the next one has waited long enough, or there are too many. */
  boolean isDue() {
    if (count.get() == 0) {
      return false;
    }
    Work next = works.peek();
    return next != null && (count.get() > MOST || System.nanoTime() - next.since() > SOON_NANOS);
  }

  /** Does the next one; returns whether there was one. */
  boolean runNext() {
    if (count.get() == 0) {
      return false;
    }
    Work next = works.poll();
    if (next == null) {
      return false;
    }
    count.decrementAndGet();
    try {
      next.what().run();
    } catch (RuntimeException e) {
      log.error("what was left for later failed", e);
    }
    return true;
  }
}
