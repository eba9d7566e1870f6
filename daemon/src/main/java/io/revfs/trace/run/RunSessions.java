package io.revfs.trace.run;

import io.revfs.fuse.heard.AccessListener;
import io.revfs.fuse.local.NodeMemory;
import io.revfs.mount.KeptSessions;
import io.revfs.trace.recording.RecordedTree;
import io.revfs.trace.recording.Recorder;
import io.revfs.trace.recording.TreeFiles;
import io.revfs.tree.NodeJournal;
import io.revfs.tree.Provenance;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

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
    add(root, name, NodeJournal.fresh(kept.nodes(name)));
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
   * @param process how many processes served it before
   */
  void resume(RunFile run, int process) throws IOException {
    for (RunFile.Session session : run.sessions()) {
      NodeJournal memory = NodeJournal.restored(kept.nodes(session.name()));
      if (made.isEmpty()) {
        add(Path.of(run.root()), session.name(), memory);
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

  private void add(Path root, String name, NodeJournal memory) throws IOException {
    try {
      SessionTrees.Shown shown = trees.workingCopy(root, memory, recorder::workingCopy);
      attached = shown.attached();
      Closeable end = () -> close(shown.end(), memory);
      made.add(new RunSession(root, name, shown.tree(), end, shown.changed()));
    } catch (IOException | RuntimeException e) {
      memory.close();
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
            mount.place().toString(), new TreeFiles(mount.tree(), Provenance.DIGEST));
    made.add(
        new RunSession(
            mount.place(),
            name,
            new RecordedTree(mount.tree(), listener, (NodeMemory) memory, process),
            memory,
            trace -> {}));
  }

  /** Gives up what was made. */
  void close() {
    made.forEach(RunSession::close);
    made.forEach(session -> kept.forget(session.name()));
  }
}
