package io.revfs.cache.local;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;

/**
 * The readers of one open file, told apart by where they read: the kernel may not say who opened a
 * file, and a shard is read by several workers at once. Thread-safe.
 */
final class ReadStreams {
  private static final int MOST = 8;
  private static final ReadAhead.Range NOTHING = new ReadAhead.Range(0, 0);

  private final int chunkBytes;
  private final int mostChunks;

  /** The latest first. */
  @GuardedBy("this")
  private final Deque<ReadAhead> streams = new ArrayDeque<>();

  @GuardedBy("this")
  private long lastOffset = -1;

  @GuardedBy("this")
  private int lastLength;

  ReadStreams(int chunkBytes, int mostChunks) {
    this.chunkBytes = chunkBytes;
    this.mostChunks = mostChunks;
  }

  /** As {@link ReadAhead#onRead}; the same read announced twice counts once. */
  synchronized ReadAhead.Range onRead(long offset, int length, int chunks) {
    if (offset == lastOffset && length == lastLength) {
      return NOTHING;
    }
    lastOffset = offset;
    lastLength = length;
    return find(offset).onRead(offset, length, chunks);
  }

  @GuardedBy("this")
  private ReadAhead find(long offset) {
    for (Iterator<ReadAhead> i = streams.iterator(); i.hasNext(); ) {
      ReadAhead stream = i.next();
      if (stream.continues(offset)) {
        i.remove();
        streams.addFirst(stream);
        return stream;
      }
    }
    if (streams.size() >= MOST) {
      streams.removeLast();
    }
    ReadAhead stream = new ReadAhead(chunkBytes, mostChunks);
    streams.addFirst(stream);
    return stream;
  }
}
