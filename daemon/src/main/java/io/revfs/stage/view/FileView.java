package io.revfs.stage.view;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * The files of a project at one time: of its work tree as they are now, or of a commit as Git has
 * them. Paths are relative to the project's root, with {@code /}; the empty path is the root.
 */
public interface FileView {
  /** What is at a path. Links are followed. */
  enum Kind {
    FILE,
    DIRECTORY,
    /** A link to a directory, a link to nothing, a device, …: nothing that is looked into. */
    OTHER,
    ABSENT
  }

  /** A name in a directory. */
  record Entry(String name, Kind kind) {}

  /** Returns the project's root on this machine, absolute; for a commit too. */
  Path root();

  /** Returns whether these are the files of the work tree. */
  boolean isWorkTree();

  /** Returns a file's bytes; empty if there is none. */
  Optional<byte[]> read(String path) throws IOException;

  /** Returns what is at a path. */
  Kind kind(String path) throws IOException;

  /** Returns the names in a directory, sorted; none if it is no directory. */
  List<Entry> list(String directory) throws IOException;

  /** Returns the top of Git's work tree, by whose rules files are ignored; empty for commits. */
  default Optional<Path> gitRoot() {
    return Optional.empty();
  }
}
