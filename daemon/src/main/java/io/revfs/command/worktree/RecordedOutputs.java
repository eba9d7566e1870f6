package io.revfs.command.worktree;

import io.revfs.dvc.Dependency;
import io.revfs.dvc.OutputFile;
import io.revfs.object.ObjectKey;
import io.revfs.repository.DataRepository;
import io.revfs.repository.ShownOutput;
import io.revfs.snapshot.Entry;
import io.revfs.snapshot.PendingOutput;
import io.revfs.snapshot.SnapshotDirectory;
import io.revfs.stage.Out;
import io.revfs.stage.Stage;
import io.revfs.stage.StageIndex;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/**
 * What the {@code .dvc} files and {@code dvc.lock} of a work tree record of its outputs, committed
 * or not, and where the objects may be. Paths are from the project's root. For one thread.
 */
final class RecordedOutputs {
  private static final String PIPELINE = "dvc.yaml";
  private static final String LOCK = "dvc.lock";

  private final DataRepository.OutputsOfFiles outputs;
  private final StageIndex index;
  private final String prefix;
  private final Map<String, Map<String, Entry>> byFile = new HashMap<>();

  /** {@code project}: the project's directory from the repository's root. */
  RecordedOutputs(DataRepository repository, StageIndex index, String project) {
    this.index = index;
    this.prefix = project.isEmpty() ? "" : project + "/";
    Set<String> projects = project.isEmpty() ? Set.of("") : Set.of("", project);
    this.outputs = repository.outputs(this::read, projects);
  }

  private Optional<Out> out(String path) {
    return index.outAt(path).filter(Out::cached);
  }

  /** Returns whether an output is at a path, be it one that was never made. */
  boolean isOutput(String path) {
    return out(path).isPresent();
  }

  /** Returns whether outputs that were made are below a path. */
  boolean isAbove(String path) {
    return index.outsBelow(path).stream().anyMatch(out -> out.cached() && out.isRecorded());
  }

  /** Returns the names in a directory that lead to outputs that were made. */
  Set<String> names(String directory) {
    Set<String> names = new java.util.LinkedHashSet<>();
    int from = directory.isEmpty() ? 0 : directory.length() + 1;
    for (Out out : index.outsBelow(directory)) {
      if (out.cached() && out.isRecorded() && out.path().length() > from) {
        String rest = out.path().substring(from);
        names.add(rest.contains("/") ? rest.substring(0, rest.indexOf('/')) : rest);
      }
    }
    return names;
  }

  /** Returns what is recorded of the output at a path; empty if there is none, or nothing is. */
  Optional<Entry> at(String path) throws IOException {
    Optional<Out> out = out(path).filter(Out::isRecorded);
    if (out.isEmpty()) {
      return Optional.empty();
    }
    boolean nameless = out.get().recorded().files().stream().anyMatch(f -> f.md5().isEmpty());
    Entry found = nameless ? null : entries(file(out.get())).get(prefix + path);
    return Optional.of(found == null ? listed(out.get(), path) : found);
  }

  private static String file(Out out) {
    String file = out.owner().file();
    return file.equals(PIPELINE) || file.endsWith("/" + PIPELINE)
        ? file.substring(0, file.length() - PIPELINE.length()) + LOCK
        : file;
  }

  private Map<String, Entry> entries(String file) throws IOException {
    Map<String, Entry> known = byFile.get(file);
    if (known == null) {
      known = new HashMap<>();
      Optional<byte[]> content = index.view().read(file);
      if (content.isPresent()) {
        for (ShownOutput shown : outputs.of(prefix + file, content.get())) {
          known.put(shown.path(), shown.entry());
        }
      }
      byFile.put(file, known);
    }
    return known;
  }

  private Optional<byte[]> read(String path) throws IOException {
    return path.startsWith(prefix)
        ? index.view().read(path.substring(prefix.length()))
        : Optional.empty();
  }

  /** What is recorded where no store is known for it, or files are known by their versions only. */
  private static Entry listed(Out out, String path) {
    List<ListedDirectory.File> files = new ArrayList<>();
    for (OutputFile file : out.recorded().files()) {
      files.add(new ListedDirectory.File(file.path(), file.md5().map(ObjectKey::file)));
    }
    boolean directory = !files.isEmpty() || out.key().map(ObjectKey::manifest).orElse(false);
    Optional<SnapshotDirectory> inside =
        directory ? Optional.of(ListedDirectory.of(files)) : Optional.empty();
    return new Entry(
        path.substring(path.lastIndexOf('/') + 1),
        directory ? Entry.Kind.DIRECTORY : Entry.Kind.FILE,
        out.recorded().executable(),
        out.key(),
        Entry.NOWHERE,
        out.size().orElse(-1),
        Entry.Tracking.OUTPUT,
        Optional.empty(),
        inside);
  }

  long totalBytes() {
    return index.outs().stream().mapToLong(out -> out.size().orElse(0)).sum();
  }

  long totalFiles() {
    return index.outs().stream().mapToLong(out -> out.recorded().fileCount().orElse(1)).sum();
  }

  /** Returns the outputs of which nothing is recorded. */
  List<PendingOutput> pending() {
    List<PendingOutput> pending = new ArrayList<>();
    for (Out out : index.outs()) {
      if (out.cached() && !out.isRecorded() && out.place().isInProject()) {
        Stage stage = index.owner(out);
        Optional<Dependency> source =
            stage.isImport() ? stage.deps().getFirst().source() : Optional.empty();
        pending.add(
            new PendingOutput(
                out.path(),
                source.flatMap(Dependency::key),
                source.map(Dependency::size).orElse(OptionalLong.empty())));
      }
    }
    return pending;
  }
}
