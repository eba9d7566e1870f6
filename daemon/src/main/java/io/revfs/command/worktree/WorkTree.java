package io.revfs.command.worktree;

import io.revfs.object.Origins;
import io.revfs.snapshot.Entry;
import io.revfs.snapshot.PendingOutput;
import io.revfs.snapshot.Snapshot;
import io.revfs.snapshot.SnapshotDirectory;
import io.revfs.snapshot.TreeWalk;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The work tree of a project as DVC looks at it: files as they are, committed or not; where an
 * output's are not, what its {@code .dvc} file or {@code dvc.lock} records now. For one thread.
 */
final class WorkTree implements Snapshot {
  private final String head;
  private final LocalNames local;
  private final @Nullable RecordedOutputs outputs;
  private final WorkTrees.Look look;

  /**
   * @param head HEAD's id, empty if there is none
   * @param outputs none where there is no project
   * @param look what it is looked at for
   */
  WorkTree(String head, LocalNames local, @Nullable RecordedOutputs outputs, WorkTrees.Look look) {
    this.head = head;
    this.local = local;
    this.outputs = outputs;
    this.look = look;
  }

  LocalNames local() {
    return local;
  }

  boolean showsWhatItCan() {
    return look.namesOnly();
  }

  boolean hasRecordedSizes() {
    return look.recordedSizes();
  }

  Optional<Entry> recorded(String path) throws IOException {
    return outputs == null ? Optional.empty() : outputs.at(path);
  }

  Set<String> recordedNames(String directory) {
    return outputs == null ? Set.of() : outputs.names(directory);
  }

  boolean hasOutputs(String path) {
    return outputs != null && outputs.isAbove(path);
  }

  boolean isOutput(String path) {
    return outputs != null && outputs.isOutput(path);
  }

  @Override
  public String commit() {
    return head;
  }

  @Override
  public boolean isWorkTree() {
    return true;
  }

  @Override
  public SnapshotDirectory root() {
    return new WorkTreeDirectory(this, "", null);
  }

  @Override
  public long totalBytes() {
    return outputs == null ? 0 : outputs.totalBytes();
  }

  @Override
  public long totalFiles() {
    return outputs == null ? 0 : outputs.totalFiles();
  }

  @Override
  public List<Problem> problems() {
    return List.of();
  }

  /** Those that are not there: a file that is there is no less for not being recorded. */
  @Override
  public List<PendingOutput> pending() {
    List<PendingOutput> pending = new ArrayList<>();
    for (PendingOutput output : outputs == null ? List.<PendingOutput>of() : outputs.pending()) {
      if (!isThere(output.path())) {
        pending.add(output);
      }
    }
    pending.sort((a, b) -> TreeWalk.compare(a.path(), b.path()));
    return pending;
  }

  private boolean isThere(String path) {
    try {
      return find(path).isPresent();
    } catch (IOException e) {
      return false; // it is not seen by listing its directory either
    }
  }

  @Override
  public List<String> projects() {
    return List.of("");
  }

  @Override
  public Origins origins() {
    return Entry.NOWHERE;
  }

  /** What is ignored is not found at all. */
  @Override
  public boolean isIgnored(String path) {
    return false;
  }
}
