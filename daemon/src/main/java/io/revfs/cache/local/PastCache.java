package io.revfs.cache.local;

import io.revfs.fuse.FuseException;
import io.revfs.fuse.OpenFile;
import io.revfs.fuse.RequestContext;
import io.revfs.object.ObjectKey;
import io.revfs.object.ObjectMissingException;
import io.revfs.object.ObjectSource;
import io.revfs.object.Origins;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;

/**
 * Reads past the cache, straight from an object's origins: for what has no room in it, and while
 * its disk takes no writes. Nothing is kept, and nothing verified. Thread-safe.
 */
final class PastCache {
  private final CacheStatistics statistics;
  private final StorageHealth health;

  PastCache(CacheStatistics statistics, StorageHealth health) {
    this.statistics = statistics;
    this.health = health;
  }

  /** Returns whether a read failed because of the cache's disk, so that this way may succeed. */
  boolean mustBeTaken(IOException failure) {
    return health.isBroken() && !(failure instanceof InterruptedIOException);
  }

  /** Opens an object of which each read goes to its origins. */
  OpenFile open(ObjectKey key, long size, Origins origins) {
    return new UncachedFile(key, size, origins);
  }

  /** Reads as much as the target takes and the object has; blocks. Returns how many bytes. */
  int read(ObjectKey key, long size, Origins origins, ByteBuffer target, long offset)
      throws FuseException {
    int length = (int) Math.min(target.remaining(), size - offset);
    if (length <= 0) {
      return 0;
    }
    statistics.missReads.increment();
    IOException failure = new ObjectMissingException(key, origins.names());
    // Bytes may arrive in another thread, and the target may be for this one only.
    ByteBuffer arrived = ByteBuffer.allocate(length);
    for (ObjectSource source : origins.sources()) {
      try {
        source.read(
            key,
            offset,
            length,
            bytes -> {
              statistics.fetchedBytes.add(bytes.remaining());
              arrived.put(bytes);
            });
        target.put(arrived.flip());
        return length;
      } catch (IOException e) {
        failure = e;
        arrived.clear();
      }
    }
    if (failure instanceof ObjectMissingException) {
      statistics.missing.add(key, origins.names());
    }
    throw FuseException.of(failure);
  }

  private final class UncachedFile implements OpenFile.Served {
    private final ObjectKey key;
    private final long size;
    private final Origins origins;

    UncachedFile(ObjectKey key, long size, Origins origins) {
      this.key = key;
      this.size = size;
      this.origins = origins;
    }

    @Override
    public long size() {
      return size;
    }

    @Override
    public int read(RequestContext context, ByteBuffer target, long offset) throws FuseException {
      context.beforeSlowAnswer();
      return PastCache.this.read(key, size, origins, target, offset);
    }

    @Override
    public void close() {}
  }
}
