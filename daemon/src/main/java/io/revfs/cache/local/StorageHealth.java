package io.revfs.cache.local;

import java.time.InstantSource;
import java.util.concurrent.atomic.AtomicLong;

/** Whether the cache's disk takes writes; after a failure they rest for a while. Thread-safe. */
final class StorageHealth {
  private static final long REST_MILLISECONDS = 30_000;

  private final InstantSource clock;

  /** When writing is tried again, by the clock. */
  private final AtomicLong brokenUntil = new AtomicLong(Long.MIN_VALUE);

  StorageHealth(InstantSource clock) {
    this.clock = clock;
  }

  boolean isBroken() {
    return clock.millis() < brokenUntil.get();
  }

  /** A write failed; returns whether that is news. */
  boolean fails() {
    long now = clock.millis();
    long until = brokenUntil.get();
    return now >= until && brokenUntil.compareAndSet(until, now + REST_MILLISECONDS);
  }

  /** A write succeeded. */
  void works() {
    brokenUntil.set(Long.MIN_VALUE);
  }
}
