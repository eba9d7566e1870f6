package io.revfs.fuse.kernel.turn;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.revfs.posix.CpuLatency;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/**
 * Keeps idle processors awake while somebody works file by file. Each request then wakes us, and
 * each answer the caller, on a processor that has just gone to sleep; on a virtual machine that
 * takes longer (20 µs) than all that is done for the request. Of the whole process; thread-safe.
 */
final class Bursts {
  /** So many requests of one thread ... */
  static final int REQUESTS = 32;

  /** ... within this time are a burst. */
  private static final long WITHIN_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

  /** How long after the last of them a burst is over. */
  private static final long QUIET_MILLISECONDS = 50;

  private static final Bursts ALL = ofMachine();

  private final BooleanSupplier hold;
  private final Runnable release;

  private volatile long last;
  private volatile boolean active;
  private volatile boolean allowed = true;

  @GuardedBy("this")
  private boolean started;

  /**
   * @param hold keeps processors awake; returns whether it does
   * @param release lets them sleep
   */
  Bursts(BooleanSupplier hold, Runnable release) {
    this.hold = hold;
    this.release = release;
  }

  private static Bursts ofMachine() {
    CpuLatency latency = new CpuLatency();
    return new Bursts(latency::hold, latency::release);
  }

  static Bursts all() {
    return ALL;
  }

  boolean isActive() {
    return active;
  }

  /** Says whether it is done at all. */
  void allow(boolean allow) {
    allowed = allow;
  }

  /** A thread answered {@link #REQUESTS} more requests; the times of the first and the last. */
  void answered(long first, long now) {
    if (now - first <= WITHIN_NANOS) {
      last = now;
      if (!active && allowed) {
        begin();
      }
    }
  }

  private synchronized void begin() {
    if (!active && hold.getAsBoolean()) {
      active = true;
      if (started) {
        notifyAll();
      } else {
        started = true;
        Thread.ofPlatform().daemon().name("bursts").start(this::endWhenQuiet);
      }
    }
  }

  private synchronized void endWhenQuiet() {
    try {
      while (true) {
        while (!active) {
          wait();
        }
        wait(QUIET_MILLISECONDS);
        if (System.nanoTime() - last > TimeUnit.MILLISECONDS.toNanos(QUIET_MILLISECONDS)) {
          release.run();
          active = false;
        }
      }
    } catch (InterruptedException e) {
      release.run();
      active = false;
      started = false;
    }
  }
}
