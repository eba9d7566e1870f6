package io.revfs.reach;

import io.revfs.object.Digest;
import io.revfs.object.ObjectKey;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * A directory that a mount of this process's lies over: how it is reached past the mount, and what
 * the mount shows where nothing is below. Paths are from the directory, with {@code /}; the empty
 * path is the directory. Thread-safe.
 *
 * <p>Who changes files below says so by {@link #settle}: until then the kernel may show what was
 * there before.
 */
public interface Covered {
  /** Returns where people have it. */
  Path shown();

  /** Returns where this process reaches it. */
  Path below();

  /**
   * Returns what is shown at a path; empty if something is below, or nothing is shown.
   *
   * @throws IOException if what is named there cannot be had
   */
  Optional<OnlyShown> find(String path) throws IOException;

  /** Returns what is only shown directly in a directory, which may be below itself. */
  List<OnlyShown> list(String directory) throws IOException;

  /** Passes the files that are only shown in a directory, at all depths. */
  void visit(String directory, Visitor visitor) throws IOException;

  /** Takes what is shown. */
  @FunctionalInterface
  interface Visitor {
    void visit(OnlyShown file) throws IOException;
  }

  /** Returns the object that is recorded of a file or an output, whatever is below. */
  Optional<ObjectKey> recorded(String path) throws IOException;

  /** Returns whether a file or directory is recorded at a path. */
  boolean isRecorded(String path) throws IOException;

  /** Returns the files that the manifest of an output names; empty if no output has it. */
  Optional<List<OnlyShown>> named(ObjectKey manifest) throws IOException;

  /** Returns whether a path is an output that has this recorded. */
  boolean isOutput(String path, ObjectKey key);

  /**
   * Returns whether an output has this recorded, and nothing in it was written or deleted: nothing
   * of it is below.
   */
  boolean isUntouched(String path, ObjectKey key);

  /** Returns the paths at and in an output that were deleted or moved away. */
  List<String> deleted(String output);

  /**
   * Lets a path show what is recorded: what is below goes, and so does a deletion.
   *
   * @return false, and nothing happened, if something else than this is recorded
   */
  boolean show(String path, Digest digest) throws IOException;

  /** Deletes what is shown at a path, as by {@code rm -r}; what is below stays. */
  void hide(String path) throws IOException;

  /**
   * Brings what is only shown at and in a path below, so that it stays when it is named no more.
   */
  void bringBelow(String path) throws IOException;

  /** Lets the mount show at once what one name leads to now. */
  void changed(String path);

  /**
   * Follows what was changed below: when this returns, nobody sees what was there before.
   *
   * @param since when the first change may have been made, nanoseconds since 1970
   */
  void settle(long since) throws IOException;

  /**
   * To be called before another process of ours looks at what is below: where the way past the
   * mount is this process's alone, that one is led to the mount, which is to show it all.
   */
  void beforeOthersLook() throws IOException;
}
