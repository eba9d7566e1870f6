package io.revfs.remote;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.LongConsumer;

/**
 * Bytes to be written to a remote.
 *
 * @param content a file that does not change meanwhile
 * @param size its bytes
 * @param readOnly whether stores that have modes make it read-only (0444), as DVC does with objects
 * @param sent is told how many of the object's bytes have arrived so far; on any thread, and when a
 *     part is sent again less than before
 */
public record Upload(Path content, long size, boolean readOnly, LongConsumer sent) {
  /** Returns an upload of a file that nobody watches. */
  public static Upload of(Path content) throws IOException {
    return new Upload(content, Files.size(content), true, sent -> {});
  }

  /** Returns whether the content is small enough to be held in memory while it travels. */
  public boolean isSmall() {
    return size <= SMALL_BYTES;
  }

  private static final long SMALL_BYTES = 1 << 20;
}
