package io.revfs.posix;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * Copies the bytes of open files, from where they are to where they are: large ones inside the
 * kernel where it can, which touches them once instead of twice. Thread-safe.
 */
public final class FileCopy {
  /** What fits into a processor's cache, so that what was read is written from there. */
  private static final int BLOCK = 128 << 10;

  /** Of one call, so that an interrupt does not wait for long. */
  private static final long RANGE = 64L << 20;

  private static final ThreadLocal<MemorySegment> BLOCKS =
      ThreadLocal.withInitial(() -> Arena.ofAuto().allocate(BLOCK, 4096));

  private FileCopy() {}

  /** Copies all that follows; returns 0, or a negated error number. */
  public static int all(int from, int to) {
    long n = block(from, to, BLOCK);
    while (n > 0) {
      n = n < BLOCK ? block(from, to, BLOCK) : some(from, to, RANGE);
    }
    return (int) n;
  }

  /**
   * Copies some of what follows.
   *
   * @param most how many bytes
   * @return how many, 0 at the end, or a negated error number
   */
  public static long some(int from, int to, long most) {
    long n = FileCalls.copyRange(from, to, most);
    // Whatever the kernel cannot do or does not know, reading and writing can, or says why not.
    return n > 0 || n == -PosixFailure.ENOSPC ? n : block(from, to, most);
  }

  private static int block(int from, int to, long most) {
    MemorySegment block = BLOCKS.get();
    int n = FileCalls.read(from, block, Math.min(most, BLOCK));
    int written = n > 0 ? FileCalls.writeAll(to, block, n) : 0;
    return written < 0 ? written : n;
  }
}
