package io.revfs.snapshot;

import java.io.IOException;
import java.util.Optional;

/**
 * The file tree at one commit. Immutable, thread-safe. Paths are relative with {@code /}, {@code
 * ""} is the root. Methods may block on the network (a manifest that is not here yet) and then fail
 * with the exceptions of {@link io.revfs.object}.
 */
public interface Snapshot {
  /** Returns the commit's full id, 40 lower-case hexadecimal digits. */
  String commit();

  /** Returns the entry at a path, not following symbolic links; empty if there is none. */
  Optional<Entry> find(String path) throws IOException;

  /**
   * Passes the entries of a directory to the visitor, sorted by the bytes of their names.
   *
   * @throws java.nio.file.NotDirectoryException if there is no directory at {@code path}
   * @throws UnreadableOutputException if the directory is an output that cannot be read
   */
  void list(String path, EntryVisitor visitor) throws IOException;

  /**
   * Returns the sum of the sizes of all files, as far as known without asking remotes, in bytes.
   */
  long totalBytes();

  /** Returns what of this commit could not be read, for {@code info} and {@code status}. */
  java.util.List<Problem> problems();

  /** Takes entries. */
  @FunctionalInterface
  interface EntryVisitor {
    /** Returns whether to go on. */
    boolean visit(Entry entry) throws IOException;
  }

  /**
   * Something of a commit that cannot be shown.
   *
   * @param path the output or file concerned
   * @param message why, with file and line where known
   */
  record Problem(String path, String message) {}
}
