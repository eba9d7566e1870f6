package io.revfs.repository;

import io.revfs.cache.Cache;
import io.revfs.dvc.DvcConfig;
import io.revfs.git.GitFiles;
import io.revfs.git.GitRepository;
import io.revfs.git.IgnoreRules;
import io.revfs.object.ObjectSource;
import io.revfs.object.Origins;
import io.revfs.origin.GitBlobSource;
import io.revfs.snapshot.ManifestStore;
import io.revfs.snapshot.PendingOutput;
import io.revfs.snapshot.Snapshot;
import io.revfs.snapshot.SnapshotDirectory;
import io.revfs.text.RelativePaths;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Builds the snapshot of one commit: finds every {@code .dvc} file and {@code dvc.lock} in the Git
 * tree and puts the outputs they name in their places. Used once, by one thread.
 */
final class SnapshotBuilder implements OutputReader.Sink {
  private static final Logger log = LoggerFactory.getLogger(SnapshotBuilder.class);

  private final GitRepository git;
  private final RepositoryRemotes remotes;
  private final OutputEntries entries;
  private final ImportSource.Opener imports;
  private final String commit;
  private final String tree;

  private final Map<String, String> dvcFiles = new TreeMap<>();
  private final Map<String, String> lockFiles = new TreeMap<>();
  private final Map<String, String> yamlFiles = new TreeMap<>();
  private final Map<String, String> ignoreFiles = new TreeMap<>();
  private final IgnoreRules ignored = new IgnoreRules();
  private final Map<String, PendingOutput> pending = new TreeMap<>();
  private final Set<String> projects = new TreeSet<>(List.of(""));
  private final List<Snapshot.Problem> problems = new ArrayList<>();
  private final Set<ObjectSource> sources = new LinkedHashSet<>();
  private final MergedDirectory.OutputTree outputs = new MergedDirectory.OutputTree();
  private long totalBytes;
  private long totalFiles;

  SnapshotBuilder(
      GitRepository git,
      RepositoryRemotes remotes,
      ManifestStore manifests,
      Cache cache,
      ImportSource.Opener imports,
      String commit)
      throws IOException {
    this.git = git;
    this.remotes = remotes;
    this.entries = new OutputEntries(manifests, cache);
    this.imports = imports;
    this.commit = commit;
    this.tree = git.treeOf(commit);
  }

  Snapshot build() throws IOException {
    git.walk(
        tree,
        name ->
            name.endsWith(OutputReader.SUFFIX)
                || name.equals("dvc.lock")
                || name.equals("dvc.yaml")
                || name.equals(".dvcignore")
                || name.equals("config"),
        this::sort);
    OutputReader reader =
        new OutputReader(
            remotes,
            new OutputOrigins(remotes, imports),
            path -> GitFiles.read(git, tree, path),
            this::then,
            projects,
            this);
    for (Map.Entry<String, String> file : dvcFiles.entrySet()) {
      reader.dvcFile(file.getKey(), git.blob(file.getValue()));
    }
    for (Map.Entry<String, String> file : lockFiles.entrySet()) {
      reader.lockFile(file.getKey(), git.blob(file.getValue()));
    }
    for (String path : yamlFiles.keySet()) {
      reader.yamlFile(path);
    }
    for (Map.Entry<String, String> file : ignoreFiles.entrySet()) {
      ignored.add(RelativePaths.parent(file.getKey()), git.blob(file.getValue()));
    }
    ObjectSource blobs = new GitBlobSource(git);
    sources.add(blobs);
    MergedDirectory root = new MergedDirectory(git, new Origins(List.of(blobs)), tree, outputs);
    return new GitSnapshot(
        commit,
        root,
        totalBytes,
        totalFiles,
        List.copyOf(problems),
        List.copyOf(pending.values()),
        List.copyOf(projects),
        new Origins(
            sources.stream().sorted(Comparator.comparing(ImportSource.class::isInstance)).toList()),
        ignored);
  }

  /** The plain result. */
  private record GitSnapshot(
      String commit,
      SnapshotDirectory root,
      long totalBytes,
      long totalFiles,
      List<Problem> problems,
      List<PendingOutput> pending,
      List<String> projects,
      Origins origins,
      IgnoreRules ignored)
      implements Snapshot {
    @Override
    public boolean isIgnored(String path) {
      return ignored.isIgnored(path);
    }
  }

  private void sort(String path, String id) {
    String name = RelativePaths.name(path);
    if (path.equals(".dvc/config") || path.endsWith("/.dvc/config")) {
      projects.add(
          path.equals(".dvc/config")
              ? ""
              : path.substring(0, path.length() - "/.dvc/config".length()));
    } else if (name.equals("dvc.lock")) {
      lockFiles.put(path, id);
    } else if (name.equals("dvc.yaml")) {
      yamlFiles.put(path, id);
    } else if (name.equals(".dvcignore")) {
      ignoreFiles.put(path, id);
    } else if (name.length() > OutputReader.SUFFIX.length() && name.endsWith(OutputReader.SUFFIX)) {
      dvcFiles.put(path, id);
    }
  }

  private boolean isPlaced(String path) {
    MergedDirectory.OutputTree at = outputs;
    for (String name : path.split("/")) {
      at = at == null ? null : at.children.get(name);
    }
    return at != null && at.output != null;
  }

  @Override
  public void problem(String path, IOException e) {
    log.warn("{}: {}", commit, e.getMessage());
    problems.add(new Snapshot.Problem(path, String.valueOf(e.getMessage())));
  }

  @Override
  public void pending(PendingOutput output) {
    if (!isPlaced(output.path())) {
      pending.putIfAbsent(output.path(), output);
    }
  }

  /** The commit's own configuration adds places to look; that it cannot be read costs only them. */
  private Optional<DvcConfig> then(String project) {
    try {
      return Optional.of(remotes.configAt(commit, project));
    } catch (IOException e) {
      log.debug("{}: {}", commit, e.getMessage());
      return Optional.empty();
    }
  }

  @Override
  public void place(PlacedOutput placed) {
    if (placed.output().isPresent()) {
      totalBytes += placed.output().get().size().orElse(0);
      totalFiles += placed.output().get().fileCount().orElse(1);
      sources.addAll(placed.origins().sources());
    }
    MergedDirectory.OutputTree at = outputs;
    for (String name : placed.path().split("/")) {
      at = at.children.computeIfAbsent(name, n -> new MergedDirectory.OutputTree());
    }
    if (at.output == null) {
      at.output = entries.of(placed);
    }
  }
}
