package io.revfs.cache;

import io.revfs.fuse.OpenFile;
import io.revfs.object.ObjectKey;
import io.revfs.object.Origins;
import java.io.Closeable;
import java.io.IOException;
import java.util.List;
import java.util.function.LongConsumer;

/**
 * The cache of one machine or user: objects and chunks of them, from any repository. Thread-safe.
 *
 * <p>An object is read through {@link #open}: chunks that are absent are fetched from the object's
 * {@link Origins}, once however many ask. When the last chunk is in, the whole is verified against
 * its digest and moved to DVC's layout. Bytes known to be wrong are never served: they are dropped
 * and fetched from the next origin.
 */
public interface Cache extends Closeable {
  /**
   * Returns the size of an object: known here, else asked of its origins once (EIO-like failures
   * are not remembered). Blocks.
   */
  long size(ObjectKey key, Origins origins) throws IOException;

  /** Returns the size if it is known without asking anyone, else -1. Never blocks. */
  long sizeIfKnown(ObjectKey key);

  /** Records a size that a trustworthy source stated (a manifest, a listing of a remote). */
  void rememberSizes(Iterable<KnownSize> sizes);

  /**
   * Opens an object for reading. Never blocks on the network; {@link OpenFile.Backed} if it is
   * complete here or lies in a DVC cache in place, else {@link OpenFile.Served}. An open object is
   * not evicted.
   *
   * @param size the object's size in bytes, as {@link #size} gave it
   */
  OpenFile open(ObjectKey key, long size, Origins origins) throws IOException;

  /**
   * Begins to fetch an object of one chunk at most that somebody is about to open; larger ones are
   * left to their readers. Returns at once; failures show when it is read.
   */
  void begin(ObjectKey key, long size, Origins origins);

  /** Reads a whole object, at most {@code limit} bytes; for manifests and small things. Blocks. */
  byte[] readWhole(ObjectKey key, Origins origins, int limit) throws IOException;

  /**
   * Fetches what is absent of an object; foreground reads go first. Blocks.
   *
   * @param progress is told the bytes that arrived, each time some did
   */
  void fetch(ObjectKey key, Origins origins, LongConsumer progress) throws IOException;

  /**
   * As {@link #fetch}, and brings also what lies in a DVC cache in place, as a copy: so that the
   * kernel finds it without asking anyone.
   */
  void bringIn(ObjectKey key, Origins origins, LongConsumer progress) throws IOException;

  /**
   * Says how many bytes something beside the objects takes in the cache's directory (images of
   * sealed commits): the quota is for both.
   */
  void countImages(long bytes);

  /** Returns how many objects came and went since this was opened. */
  Changes changes();

  /** Returns how much of the object is here. */
  Presence presence(ObjectKey key);

  /** Keeps an object from being evicted (or not fetched: once it is), until {@link #unpin}. */
  void pin(ObjectKey key, String owner) throws IOException;

  /** Takes back the pins of one owner on an object. */
  void unpin(ObjectKey key, String owner) throws IOException;

  /** Takes back all pins of one owner; returns how many. */
  int unpinAll(String owner) throws IOException;

  /** Returns figures for {@code cache status}. */
  CacheStatus status();

  /** Evicts least recently used objects until at most {@code targetBytes} are used. */
  EvictionResult evict(long targetBytes, boolean dryRun) throws IOException;

  /** Checks every file against its digest, drops what is wrong, and rebuilds the index. */
  FsckResult fsck(LongConsumer progress) throws IOException;

  @Override
  void close();

  /**
   * How many objects came and went.
   *
   * @param completed objects that were completed
   * @param evicted objects that were evicted, or dropped because they were damaged
   */
  record Changes(long completed, long evicted) {}

  /** A size stated by a source. */
  record KnownSize(ObjectKey key, long size) {}

  /**
   * How much of an object is here.
   *
   * @param size in bytes, -1 when unknown
   * @param presentBytes bytes here
   * @param complete whether all of it is here and verified
   */
  record Presence(long size, long presentBytes, boolean complete) {
    /** Returns 0 to 100, rounded down; 100 only when complete. */
    public int percent() {
      if (complete) {
        return 100;
      }
      return size <= 0 ? 0 : (int) Math.min(99, presentBytes * 100 / size);
    }
  }

  /**
   * Figures: bytes unless said otherwise.
   *
   * @param usedBytes by objects
   * @param imageBytes by images of sealed commits; the quota counts both
   */
  record CacheStatus(
      String directory,
      long quotaBytes,
      long usedBytes,
      long imageBytes,
      long completeObjects,
      long partialObjects,
      long pinnedObjects,
      long fetchedBytes,
      long hitReads,
      long missReads,
      long fetches,
      long corruptObjects,
      long missingObjects,
      List<MissingObject> missing,
      long evictedBytes,
      long indexBytes,
      long bufferBytesInUse,
      long bufferBytesLimit) {}

  /**
   * An object found nowhere.
   *
   * @param object its name in stores
   * @param searched where it was looked for, for people
   */
  record MissingObject(String object, String searched) {}

  /** What an eviction took, or would take. */
  record EvictionResult(long objects, long bytes, long usedBytes) {}

  /** What fsck found. */
  record FsckResult(
      long objectsChecked, long bytesChecked, long damaged, long foreignFiles, long indexed) {}
}
