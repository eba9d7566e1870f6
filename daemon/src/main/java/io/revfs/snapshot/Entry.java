package io.revfs.snapshot;

import io.revfs.fuse.FileKind;
import io.revfs.object.ObjectKey;
import io.revfs.object.Origins;
import java.util.Optional;

/**
 * One name in a snapshot.
 *
 * @param name the last part of its path
 * @param kind what it is
 * @param executable whether a file's mode is 0555 rather than 0444
 * @param key the object that holds its bytes (a link's target), or an output directory's manifest;
 *     empty for other directories and for submodules
 * @param origins where that object comes from
 * @param size in bytes, -1 while unknown; of an output directory the sum of its files
 * @param tracking how it came here
 * @param problem why it cannot be read, if it cannot
 * @param directory what is in it, of a directory
 */
public record Entry(
    String name,
    Kind kind,
    boolean executable,
    Optional<ObjectKey> key,
    Origins origins,
    long size,
    Tracking tracking,
    Optional<String> problem,
    Optional<SnapshotDirectory> directory) {
  /** What an entry is. */
  public enum Kind {
    FILE,
    DIRECTORY,
    SYMBOLIC_LINK,
    /** A Git submodule, shown as an empty directory. */
    SUBMODULE;

    /** Returns what a mount shows it as. */
    public FileKind shownAs() {
      return switch (this) {
        case FILE -> FileKind.REGULAR;
        case DIRECTORY, SUBMODULE -> FileKind.DIRECTORY;
        case SYMBOLIC_LINK -> FileKind.SYMBOLIC_LINK;
      };
    }
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

  /** No origins: of what has no object. */
  public static final Origins NOWHERE = new Origins(java.util.List.of());

  /** Returns a directory. */
  public static Entry directory(String name, Tracking tracking, SnapshotDirectory directory) {
    return new Entry(
        name,
        Kind.DIRECTORY,
        false,
        Optional.empty(),
        NOWHERE,
        0,
        tracking,
        Optional.empty(),
        Optional.of(directory));
  }

  /** Returns an output that nobody has made yet. */
  public static Entry absent(String name) {
    return broken(name, Tracking.OUTPUT, "it was never made");
  }

  /** Returns an output that cannot be read, and why. */
  public static Entry broken(String name, Tracking tracking, String problem) {
    return new Entry(
        name,
        Kind.FILE,
        false,
        Optional.empty(),
        NOWHERE,
        0,
        tracking,
        Optional.of(problem),
        Optional.empty());
  }
}
