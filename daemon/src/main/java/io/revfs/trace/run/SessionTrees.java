package io.revfs.trace.run;

import io.revfs.fuse.AccessListener;
import io.revfs.fuse.FileTree;
import io.revfs.trace.Trace;
import io.revfs.trace.TracedFiles;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;

/** Gives what the sessions of a run show. Thread-safe. */
public interface SessionTrees {
  /**
   * Returns the tree of a working copy, for one session.
   *
   * @param listener hears of that session; made of the files that it shows
   */
  Shown workingCopy(Path root, Function<TracedFiles, AccessListener> listener) throws IOException;

  /** Returns whether a working copy is attached. */
  boolean isAttached(Path root) throws IOException;

  /** Returns the files of a working copy as they are, whatever is mounted over it. */
  TracedFiles files(Path root) throws IOException;

  /** Returns the mounts of revisions that there are. */
  List<Revisions> revisions();

  /**
   * A tree for one session.
   *
   * @param end is closed when the session is over, or if it never begins
   * @param changed is told what the run did, when it has ended
   */
  record Shown(FileTree tree, Closeable end, Consumer<Trace> changed) {}

  /**
   * A mount of revisions.
   *
   * @param place its mount point
   * @param tree what it shows
   */
  record Revisions(Path place, FileTree tree) {}
}
