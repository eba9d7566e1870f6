package io.revfs.trace.run;

import io.revfs.fuse.MemoryTree;
import io.revfs.fuse.heard.AccessListener;
import io.revfs.fuse.local.HeldFiles;
import io.revfs.fuse.local.NodeMemory;
import io.revfs.trace.recording.DirectoryFiles;
import io.revfs.trace.recording.RecordedTree;
import io.revfs.trace.recording.TracedFiles;
import io.revfs.trace.recording.TreeFiles;
import io.revfs.workspace.TreeReader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/** A working copy in memory, which cannot be written. */
final class MemoryTrees implements SessionTrees {
  static final String DIGEST = "user.digest";

  final MemoryTree workingCopy = new MemoryTree();
  final List<Revisions> revisions = new ArrayList<>();
  private final TreeReader reader;

  /** {@code reader} reads what is elsewhere. */
  MemoryTrees(TreeReader reader) {
    this.reader = reader;
  }

  @Override
  public Shown workingCopy(
      Path root,
      NodeMemory memory,
      HeldFiles held,
      Function<TracedFiles, AccessListener> listener) {
    AccessListener heard = listener.apply(files(root));
    return new Shown(new RecordedTree(workingCopy, heard), false, () -> {}, trace -> {});
  }

  @Override
  public boolean isAttached(Path root) {
    return false;
  }

  @Override
  public TracedFiles files(Path root) {
    return new TreeFiles(workingCopy, DIGEST);
  }

  @Override
  public Optional<Heard> mounted(Path root, Function<TracedFiles, AccessListener> listener) {
    return Optional.empty();
  }

  @Override
  public TracedFiles everywhere() {
    return new DirectoryFiles(Path.of("/"), reader);
  }

  @Override
  public List<Revisions> revisions() {
    return revisions;
  }
}
