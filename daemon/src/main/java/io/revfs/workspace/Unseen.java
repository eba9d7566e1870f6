package io.revfs.workspace;

import io.revfs.object.ObjectKey;
import java.util.List;
import java.util.Optional;

/**
 * What outputs show at a place to others only, and what is not really there.
 *
 * @param whole the object that all of it is, if it is one
 * @param files the file, with an empty path, or those of the directory, in no order; without sizes
 * @param size of all files, if it was asked for
 */
public record Unseen(Optional<ObjectKey> whole, List<FileEntry> files, long size) {
  /** Nothing. */
  public static final Unseen NOTHING = new Unseen(Optional.empty(), List.of(), 0);

  public Unseen {
    files = List.copyOf(files);
  }

  /** Returns whether nothing is shown. */
  public boolean isEmpty() {
    return whole.isEmpty() && files.isEmpty();
  }
}
