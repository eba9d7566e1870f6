package io.revfs.cache;

import java.nio.file.Path;

/**
 * How a cache is kept.
 *
 * @param directory where; made if absent
 * @param quotaBytes what it may use of the disk
 * @param chunkBytes the unit of fetching, a power of two of at least 64 KiB
 * @param verify when an object larger than a chunk is verified
 * @param fetches requests to origins at once
 */
public record CacheSettings(
    Path directory, long quotaBytes, int chunkBytes, Verify verify, int fetches) {
  /** A mebibyte: a random read costs little, and a request is worth its round trip. */
  public static final int DEFAULT_CHUNK_BYTES = 1 << 20;

  /** When an object larger than a chunk is verified; smaller ones are before they are served. */
  public enum Verify {
    /** Once its last chunk is in. */
    ON_COMPLETE,
    /** Before its first byte is served. */
    BEFORE_READ
  }

  public CacheSettings {
    if (quotaBytes < 0 || fetches < 1) {
      throw new IllegalArgumentException("quota and fetches must be positive");
    }
    if (chunkBytes < 64 << 10 || Integer.bitCount(chunkBytes) != 1) {
      throw new IllegalArgumentException("a chunk is a power of two of at least 64 KiB");
    }
  }
}
