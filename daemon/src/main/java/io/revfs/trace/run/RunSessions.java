package io.revfs.trace.run;

import io.revfs.fuse.heard.AccessListener;
import io.revfs.fuse.local.HeldFiles;
import io.revfs.fuse.local.NodeMemory;
import io.revfs.fuse.local.QueuedFiles;
import io.revfs.mount.KeptSessions;
import io.revfs.snapshot.FixedAttributes;
import io.revfs.trace.recording.RecordedTree;
import io.revfs.trace.recording.Recorder;
import io.revfs.trace.recording.TreeFiles;
import io.revfs.tree.NodeJournal;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Makes the sessions of one run: over its working copy, and over mounts of revisions. */
final class RunSessions {
  private final SessionTrees trees;
  private final KeptSessions kept;
  private final Recorder recorder;
  private final List<RunSession> made = new ArrayList<>();
  private final List<String> left = new ArrayList<>();
  private boolean attached;

  RunSessions(SessionTrees trees, KeptSessions kept, Recorder recorder) {
    this.trees = trees;
    this.kept = kept;
    this.recorder = recorder;
  }

  /** Returns them; the first one is that over the working copy. */
  List<RunSession> all() {
    return List.copyOf(made);
  }

  /** Returns mounts of revisions for which there is no room. */
  List<String> left() {
    return List.copyOf(left);
  }

  boolean attached() {
    return attached;
  }

  /** Makes those of a run that begins. */
  void begin(Path root) throws IOException {
    String name = kept.newName();
    add(root, name, NodeJournal.fresh(kept.nodes(name)), held(List.of()));
    for (SessionTrees.Revisions mount : trees.revisions()) {
      if (made.size() == TracedRuns.MOST_SESSIONS) {
        left.add(mount.place().toString());
        continue;
      }
      String next = kept.newName();
      add(mount, next, NodeJournal.fresh(kept.nodes(next)), 0);
    }
  }

  /**
   * Makes those of a run that another process began.
   *
   * @param own the run's directory
   * @param process how many processes served it before
   */
  void resume(RunFile run, Path own, int process) throws IOException {
    for (RunFile.Session session : run.sessions()) {
      NodeJournal memory = NodeJournal.restored(kept.nodes(session.name()));
      if (made.isEmpty()) {
        List<Integer> beside =
            kept.inherited(RunFile.key(own, 0))
                .map(KeptSessions.Inherited::beside)
                .orElse(List.of());
        add(Path.of(run.root()), session.name(), memory, held(beside));
        if (attached != run.attached()) {
          throw new IOException(run.root() + " is " + (attached ? "" : "not ") + "attached now");
        }
        continue;
      }
      SessionTrees.Revisions mount =
          trees.revisions().stream()
              .filter(each -> each.place().toString().equals(session.place()))
              .findFirst()
              .orElseThrow(() -> new IOException(session.place() + " is not mounted any more"));
      add(mount, session.name(), memory, process);
    }
  }

  /** Root opens what has no name by the file system's handle. */
  private static Optional<QueuedFiles> held(List<Integer> inherited) throws IOException {
    if (NameSpaces.isRoot()) {
      return Optional.empty();
    }
    return Optional.of(inherited.isEmpty() ? QueuedFiles.fresh() : QueuedFiles.restored(inherited));
  }

  private void add(Path root, String name, NodeJournal memory, Optional<QueuedFiles> held)
      throws IOException {
    try {
      HeldFiles files = held.isPresent() ? held.get() : HeldFiles.NONE;
      SessionTrees.Shown shown = trees.workingCopy(root, memory, files, recorder::workingCopy);
      attached = shown.attached();
      List<Integer> beside = held.map(QueuedFiles::descriptors).orElse(List.of());
      Closeable end =
          () -> {
            close(shown.end(), memory);
            held.ifPresent(QueuedFiles::close);
          };
      made.add(new RunSession(root, name, shown.tree(), beside, end, shown.changed()));
    } catch (IOException | RuntimeException e) {
      memory.close();
      held.ifPresent(QueuedFiles::close);
      throw e;
    }
  }

  private static void close(Closeable tree, NodeJournal memory) throws IOException {
    try (memory) {
      tree.close();
    }
  }

  private void add(SessionTrees.Revisions mount, String name, NodeJournal memory, int process) {
    AccessListener listener =
        recorder.elsewhere(
            mount.place().toString(), new TreeFiles(mount.tree(), FixedAttributes.DIGEST));
    made.add(
        new RunSession(
            mount.place(),
            name,
            new RecordedTree(mount.tree(), listener, (NodeMemory) memory, process),
            List.of(),
            memory,
            trace -> {}));
  }

  /** Gives up what was made. */
  void close() {
    made.forEach(RunSession::close);
    made.forEach(session -> kept.forget(session.name()));
  }
}
