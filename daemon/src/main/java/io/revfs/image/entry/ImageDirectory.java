package io.revfs.image.entry;

import java.io.IOException;
import java.util.List;

/** What is in a directory that is to be written to an image. Must not change meanwhile. */
@FunctionalInterface
public interface ImageDirectory {
  /**
   * Returns entries from {@code position} on, sorted by the bytes of their names (unsigned; a name
   * comes before those that it is the beginning of), no name twice, without {@code .} and {@code
   * ..}. Pages are asked for in order, each once; between two pages whole subdirectories are asked
   * for theirs.
   *
   * @param position how many entries to pass over
   * @param count how many to return
   * @return fewer than {@code count} only if there are no more
   */
  List<ImageEntry> entries(long position, int count) throws IOException;
}
