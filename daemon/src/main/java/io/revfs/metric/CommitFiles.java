package io.revfs.metric;

import io.revfs.stage.Out;
import io.revfs.stage.StageIndex;
import io.revfs.stage.view.FileView;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * A commit's files, most of which Git has. Only where a tracked output is asked for the whole
 * snapshot is opened, which costs far more than reading a file of Git's. Not thread-safe.
 */
final class CommitFiles implements DataFiles {
  private final StageIndex stages;
  private final Snapshots snapshot;
  private @Nullable DataFiles all;

  /** Opens Git's and DVC's files of the commit. */
  @FunctionalInterface
  interface Snapshots {
    DataFiles open() throws IOException;
  }

  CommitFiles(StageIndex stages, Snapshots snapshot) {
    this.stages = stages;
    this.snapshot = snapshot;
  }

  private DataFiles all() throws IOException {
    DataFiles opened = all;
    if (opened == null) {
      opened = snapshot.open();
      all = opened;
    }
    return opened;
  }

  private boolean isTracked(String path) {
    return stages.outContaining(path).filter(Out::cached).isPresent();
  }

  @Override
  public Optional<byte[]> read(String path) throws IOException {
    Optional<byte[]> content = stages.view().read(path);
    return content.isPresent() || !isTracked(path) ? content : all().read(path);
  }

  @Override
  public OptionalLong size(String path) throws IOException {
    return isTracked(path)
        ? stages.outAt(path).map(Out::size).orElseGet(OptionalLong::empty)
        : OptionalLong.empty();
  }

  @Override
  public FileView.Kind kind(String path) throws IOException {
    FileView.Kind kind = stages.view().kind(path);
    return kind == FileView.Kind.ABSENT && isTracked(path) ? all().kind(path) : kind;
  }

  @Override
  public List<String> filesBelow(String directory) throws IOException {
    if (isTracked(directory) || !stages.outsBelow(directory).isEmpty()) {
      return all().filesBelow(directory);
    }
    List<String> files = new ArrayList<>();
    addBelow(directory, files);
    return files;
  }

  private void addBelow(String directory, List<String> files) throws IOException {
    for (FileView.Entry entry : stages.view().list(directory)) {
      String path = directory.isEmpty() ? entry.name() : directory + "/" + entry.name();
      switch (entry.kind()) {
        case FILE -> files.add(path);
        case DIRECTORY -> addBelow(path, files);
        case OTHER, ABSENT -> {}
      }
    }
  }
}
