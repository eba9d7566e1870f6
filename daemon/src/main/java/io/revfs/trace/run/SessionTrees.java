package io.revfs.trace.run;

import io.revfs.fuse.FileTree;
import io.revfs.fuse.heard.AccessListener;
import io.revfs.fuse.local.HeldFiles;
import io.revfs.fuse.local.NodeMemory;
import io.revfs.trace.Trace;
import io.revfs.trace.recording.TracedFiles;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;

/** Gives what the sessions of a run show. Thread-safe. */
public interface SessionTrees {
  /**
   * Returns the tree of a working copy, for one session.
   *
   * @param memory keeps its nodes for the next process, if nothing else does
   * @param held holds files without a name for the next process, if nothing else does
   * @param listener hears of that session; made of the files that it shows
   */
  Shown workingCopy(
      Path root, NodeMemory memory, HeldFiles held, Function<TracedFiles, AccessListener> listener)
      throws IOException;

  /**
   * Lets a run be heard by the mount of an attached working copy itself; empty if it has none.
   *
   * @param listener hears of everybody; made of the files that the mount shows
   */
  Optional<Heard> mounted(Path root, Function<TracedFiles, AccessListener> listener)
      throws IOException;

  /** Returns whether a working copy is attached. */
  boolean isAttached(Path root) throws IOException;

  /** Returns the files of a working copy as they are, whatever is mounted over it. */
  TracedFiles files(Path root) throws IOException;

  /** Returns the files of this machine, by their paths from the root directory. */
  TracedFiles everywhere();

  /** Returns the mounts of revisions that there are. */
  List<Revisions> revisions();

  /**
   * A tree for one session.
   *
   * @param attached whether it is the tree of an attached working copy
   * @param end is closed when the session is over, or if it never begins
   * @param changed is told what the run did, when it has ended
   */
  record Shown(FileTree tree, boolean attached, Closeable end, Consumer<Trace> changed) {}

  /**
   * A mount that is heard.
   *
   * @param end hears no more
   */
  record Heard(Runnable end) {}

  /**
   * A mount of revisions.
   *
   * @param place its mount point
   * @param tree what it shows
   */
  record Revisions(Path place, FileTree tree) {}
}
