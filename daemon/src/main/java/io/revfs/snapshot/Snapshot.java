package io.revfs.snapshot;

import io.revfs.object.Origins;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/**
 * The file tree at one commit: Git's, with DVC's outputs in their places. Immutable, thread-safe.
 * Or that of a work tree: as it is whenever it is asked, for one thread.
 */
public interface Snapshot {
  /**
   * Returns the commit's full id, 40 lower-case hexadecimal digits; of a work tree that of HEAD,
   * empty if there is none.
   */
  String commit();

  /** Returns whether it is that of a work tree, which may change while it is looked at. */
  default boolean isWorkTree() {
    return false;
  }

  /** Returns the root directory. */
  SnapshotDirectory root();

  /** Returns the entry at a path, not following symbolic links; the root for the empty path. */
  default Optional<Entry> find(String path) throws IOException {
    Entry at = Entry.directory("", Entry.Tracking.GIT, root());
    for (String name : path.split("/")) {
      if (name.isEmpty() || name.equals(".")) {
        continue;
      }
      if (at.directory().isEmpty()) {
        return Optional.empty();
      }
      Optional<Entry> next = at.directory().get().find(name);
      if (next.isEmpty()) {
        return Optional.empty();
      }
      at = next.get();
    }
    return Optional.of(at);
  }

  /** Returns the sum of the outputs' sizes as their files state them, in bytes. */
  long totalBytes();

  /** Returns how many files the outputs have, as far as their files state it. */
  long totalFiles();

  /** Returns what of this commit cannot be shown, for {@code info} and {@code status}. */
  List<Problem> problems();

  /** Returns the outputs that nobody has made or fetched yet, sorted by path. */
  List<PendingOutput> pending();

  /**
   * Returns the directories of the DVC projects in the repository; the root is the empty string.
   */
  List<String> projects();

  /**
   * Returns where the commit's objects may come from: the sources of all outputs and Git, those
   * that are costly to ask last.
   */
  Origins origins();

  /** Returns whether {@code .dvcignore} files hide a file of Git's from DVC. */
  boolean isIgnored(String path);

  /**
   * Something of a commit that cannot be shown.
   *
   * @param path the output or file concerned
   * @param message why, with file and line where known
   */
  record Problem(String path, String message) {}
}
