package io.revfs.plot;

import java.io.InterruptedIOException;
import java.util.concurrent.Semaphore;

/**
 * The memory that plots may have: all calls together stay below a share of the heap, and who comes
 * while another uses it waits. Thread-safe.
 */
public final class PlotMemory {
  /** A short cell of text takes some 60 bytes in memory. */
  private static final int SHARE_OF_HEAP = 48;

  private static final int UNIT_BYTES = 1 << 10;

  private final int units;
  private final Semaphore free;

  /** A share of this process's heap. */
  public PlotMemory() {
    this(Runtime.getRuntime().maxMemory() / SHARE_OF_HEAP);
  }

  /** So many bytes of files. */
  PlotMemory(long bytes) {
    this.units = Math.clamp(bytes / UNIT_BYTES, 1, Integer.MAX_VALUE);
    this.free = new Semaphore(units, true);
  }

  /** Returns how many bytes of files one call may have. */
  long most() {
    return (long) units * UNIT_BYTES;
  }

  /** A share that is given back when it is closed. */
  interface Share extends AutoCloseable {
    @Override
    void close();
  }

  /** Waits until there is room for so many bytes, {@link #most} at most. */
  Share take(long bytes) throws InterruptedIOException {
    int wanted = (int) Math.min(units, (bytes + UNIT_BYTES - 1) / UNIT_BYTES);
    try {
      free.acquire(wanted);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted");
    }
    return () -> free.release(wanted);
  }
}
