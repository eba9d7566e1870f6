package io.revfs.snapshot;

import io.revfs.object.ObjectKey;
import java.util.Optional;

/**
 * One name in a snapshot.
 *
 * @param path from the snapshot's root
 * @param kind what it is
 * @param executable whether a file's mode is 0555 rather than 0444
 * @param key the object that holds its bytes (a file's), or its manifest (an output directory's
 *     root); empty for other directories and for submodules
 * @param size in bytes, -1 while unknown; of an output directory the sum of its files
 * @param tracking how it came here
 * @param problem why it cannot be read, if it cannot
 */
public record Entry(
    String path,
    Kind kind,
    boolean executable,
    Optional<ObjectKey> key,
    long size,
    Tracking tracking,
    Optional<String> problem) {
  /** What an entry is. */
  public enum Kind {
    FILE,
    DIRECTORY,
    SYMBOLIC_LINK,
    /** A Git submodule, shown as an empty directory. */
    SUBMODULE
  }

  /** How an entry came into the snapshot. */
  public enum Tracking {
    /** A blob, link or tree of Git's. */
    GIT,
    /** An output of DVC's itself: the {@code path} of a {@code .dvc} file or {@code dvc.lock}. */
    OUTPUT,
    /** A file or directory inside an output directory. */
    INSIDE_OUTPUT
  }

  /** Returns the last component of the path. */
  public String name() {
    return path.substring(path.lastIndexOf('/') + 1);
  }
}
