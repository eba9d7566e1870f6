package io.revfs.cache.local;

/**
 * Decides how far ahead of a reader to fetch: a window that doubles while the reader goes on where
 * it was, and is gone when it jumps. A pure policy; not thread-safe.
 */
final class ReadAhead {
  /** Kernels send the parts of one read-ahead at once, so they arrive out of order by this much. */
  private static final long SLACK_BYTES = 2 << 20;

  private final int chunkBytes;
  private final int mostChunks;
  private long expected;
  private int window;
  private int frontier; // the first chunk not yet asked for

  /** Chunks {@code from} (inclusive) to {@code to} (exclusive) to fetch now; may be none. */
  record Range(int from, int to) {
    boolean isEmpty() {
      return to <= from;
    }
  }

  ReadAhead(int chunkBytes, int mostChunks) {
    this.chunkBytes = chunkBytes;
    this.mostChunks = mostChunks;
  }

  /** Returns whether a read there goes on where this reader was. */
  boolean continues(long offset) {
    return expected > 0 && Math.abs(offset - expected) <= SLACK_BYTES;
  }

  /** Takes note of a read, and says what to fetch beyond it. */
  Range onRead(long offset, int length, int chunks) {
    boolean sequential =
        Math.abs(offset - expected) <= SLACK_BYTES && (offset > 0 || expected == 0);
    boolean first = expected == 0;
    expected = Math.max(sequential ? expected : 0, offset + length);
    int next = (int) ((offset + length + chunkBytes - 1) / chunkBytes);
    if (!sequential || (first && offset != 0)) {
      window = 0;
      frontier = next;
      return new Range(0, 0);
    }
    frontier = Math.max(frontier, next);
    // Asked in large pieces, not chunk by chunk: only when half of the window is used up.
    if (window > 0 && frontier - next > window / 2) {
      return new Range(0, 0);
    }
    window = window == 0 ? 1 : Math.min(mostChunks, window * 2);
    Range range = new Range(frontier, Math.min(chunks, next + window));
    frontier = Math.max(frontier, range.to());
    return range;
  }
}
