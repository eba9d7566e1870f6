package io.revfs.repository;

import io.revfs.cache.Cache;
import io.revfs.cache.Origins;
import io.revfs.dvc.Dependency;
import io.revfs.dvc.DvcConfig;
import io.revfs.dvc.DvcFile;
import io.revfs.dvc.DvcFormatException;
import io.revfs.dvc.DvcLock;
import io.revfs.dvc.LockedStage;
import io.revfs.dvc.Output;
import io.revfs.dvc.OutputPaths;
import io.revfs.dvc.pipeline.DeclaredOutput;
import io.revfs.dvc.pipeline.ParsingOptions;
import io.revfs.dvc.pipeline.PipelineFile;
import io.revfs.dvc.pipeline.PipelineStage;
import io.revfs.git.GitFiles;
import io.revfs.git.GitRepository;
import io.revfs.git.IgnoreRules;
import io.revfs.object.ObjectSource;
import io.revfs.origin.GitBlobSource;
import io.revfs.snapshot.ManifestStore;
import io.revfs.snapshot.PendingOutput;
import io.revfs.snapshot.Snapshot;
import io.revfs.snapshot.SnapshotDirectory;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Builds the snapshot of one commit: finds every {@code .dvc} file and {@code dvc.lock} in the Git
 * tree and puts the outputs they name in their places. Used once, by one thread.
 */
final class SnapshotBuilder {
  private static final Logger log = LoggerFactory.getLogger(SnapshotBuilder.class);
  private static final String SUFFIX = ".dvc";

  private final GitRepository git;
  private final RepositoryRemotes remotes;
  private final OutputEntries entries;
  private final OutputOrigins origins;
  private final String commit;
  private final String tree;

  private final Map<String, String> dvcFiles = new TreeMap<>();
  private final Map<String, String> lockFiles = new TreeMap<>();
  private final Map<String, String> yamlFiles = new TreeMap<>();
  private final Map<String, String> ignoreFiles = new TreeMap<>();
  private final IgnoreRules ignored = new IgnoreRules();
  private final Map<String, PendingOutput> pending = new TreeMap<>();
  private final Set<String> projects = new TreeSet<>(List.of(""));
  private final Map<String, OutputOrigins.Project> projectConfigs = new HashMap<>();
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
    this.origins = new OutputOrigins(git, remotes, imports);
    this.commit = commit;
    this.tree = git.treeOf(commit);
  }

  Snapshot build() throws IOException {
    git.walk(
        tree,
        name ->
            name.endsWith(SUFFIX)
                || name.equals("dvc.lock")
                || name.equals("dvc.yaml")
                || name.equals(".dvcignore")
                || name.equals("config"),
        this::sort);
    for (Map.Entry<String, String> file : dvcFiles.entrySet()) {
      dvcFile(file.getKey(), git.blob(file.getValue()));
    }
    for (Map.Entry<String, String> file : lockFiles.entrySet()) {
      lockFile(file.getKey(), git.blob(file.getValue()));
    }
    for (String path : yamlFiles.keySet()) {
      yamlFile(path);
    }
    for (Map.Entry<String, String> file : ignoreFiles.entrySet()) {
      ignored.add(directoryOf(file.getKey()), git.blob(file.getValue()));
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
    String name = path.substring(path.lastIndexOf('/') + 1);
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
    } else if (name.length() > SUFFIX.length() && name.endsWith(SUFFIX)) {
      dvcFiles.put(path, id);
    }
  }

  static String directoryOf(String path) {
    int slash = path.lastIndexOf('/');
    return slash < 0 ? "" : path.substring(0, slash);
  }

  private void dvcFile(String path, byte[] content) {
    String shown = path.substring(0, path.length() - SUFFIX.length());
    DvcFile file;
    try {
      file = DvcFile.parse(path, content);
    } catch (DvcFormatException e) {
      problem(shown, e);
      place(PlacedOutput.broken(shown, String.valueOf(e.getMessage())));
      return;
    }
    for (Output output : file.outputs()) {
      try {
        String at =
            OutputPaths.resolve(
                directoryOf(path), file.workingDirectory(), output.path(), path, output.line());
        place(at, path, output, file.dependencies());
      } catch (IOException e) {
        problem(path, e);
      }
    }
  }

  /** What stages will make and have not made. What cannot be parsed was told with the lock file. */
  private void yamlFile(String path) throws IOException {
    for (PipelineStage stage : yaml(path, false).values()) {
      for (DeclaredOutput output : stage.outputs()) {
        if (!output.cached()) {
          continue;
        }
        try {
          String at =
              OutputPaths.resolve(
                  directoryOf(path), stage.workingDirectory(), output.path(), path, 0);
          if (!isPlaced(at)) {
            pending.put(at, new PendingOutput(at, Optional.empty(), OptionalLong.empty()));
          }
        } catch (IOException e) {
          log.debug("{}: {}", commit, e.getMessage());
        }
      }
    }
  }

  private Map<String, PipelineStage> yaml(String path, boolean tell) throws IOException {
    Optional<byte[]> text = GitFiles.read(git, tree, path);
    if (text.isEmpty()) {
      return Map.of();
    }
    try {
      return PipelineFile.parse(
              path, text.get(), file -> GitFiles.read(git, tree, file), ParsingOptions.DEFAULT)
          .stages(e -> problem(path, e, tell));
    } catch (DvcFormatException e) {
      problem(path, e, tell);
      return Map.of();
    }
  }

  private void problem(String path, IOException e, boolean tell) {
    if (tell) {
      problem(path, e);
    }
  }

  private boolean isPlaced(String path) {
    MergedDirectory.OutputTree at = outputs;
    for (String name : path.split("/")) {
      at = at == null ? null : at.children.get(name);
    }
    return at != null && at.output != null;
  }

  private void lockFile(String path, byte[] content) throws IOException {
    String directory = directoryOf(path);
    String yamlPath = directory.isEmpty() ? "dvc.yaml" : directory + "/dvc.yaml";
    DvcLock lock;
    try {
      lock = DvcLock.parse(path, content);
    } catch (DvcFormatException e) {
      problem(path, e);
      cannotBeRead(yamlPath, String.valueOf(e.getMessage()));
      return;
    }
    Map<String, PipelineStage> yaml = yaml(yamlPath, true);
    for (Map.Entry<String, LockedStage> stage : lock.stages().entrySet()) {
      PipelineStage known = yaml.get(stage.getKey());
      if (known == null) {
        continue; // a stage that dvc.yaml no longer has: DVC does not look at it either
      }
      for (Output output : stage.getValue().outputs()) {
        Output placed = declared(known, output);
        try {
          String at =
              OutputPaths.resolve(
                  directory, known.workingDirectory(), output.path(), path, output.line());
          place(at, path, placed, List.of());
        } catch (IOException e) {
          problem(path, e);
        }
      }
    }
  }

  /** The lock file is broken: what dvc.yaml names is there, and nobody knows what it is. */
  private void cannotBeRead(String yamlPath, String why) throws IOException {
    for (PipelineStage stage : yaml(yamlPath, false).values()) {
      for (DeclaredOutput output : stage.outputs()) {
        if (!output.cached()) {
          continue;
        }
        try {
          place(
              PlacedOutput.broken(
                  OutputPaths.resolve(
                      directoryOf(yamlPath), stage.workingDirectory(), output.path(), yamlPath, 0),
                  why));
        } catch (DvcFormatException e) {
          problem(yamlPath, e);
        }
      }
    }
  }

  /** Returns a locked output with what dvc.yaml says of it. */
  private static Output declared(PipelineStage stage, Output output) {
    for (DeclaredOutput declared : stage.outputs()) {
      if (declared.path().equals(output.path())) {
        return output.with(declared.cached(), declared.remote(), declared.push());
      }
    }
    return output;
  }

  private void problem(String path, IOException e) {
    log.warn("{}: {}", commit, e.getMessage());
    problems.add(new Snapshot.Problem(path, String.valueOf(e.getMessage())));
  }

  private void place(String path, String file, Output output, List<Dependency> dependencies)
      throws IOException {
    if (!output.cached()) {
      return; // Git has it
    }
    if (output.key().isEmpty() && output.files().isEmpty()) {
      Optional<Dependency> source = dependencies.stream().findFirst();
      pending.put(
          path,
          new PendingOutput(
              path,
              source.flatMap(Dependency::key),
              source.map(Dependency::size).orElse(OptionalLong.empty())));
      return;
    }
    OutputOrigins.Project project = project(path);
    if (project.problem().isPresent()) {
      place(PlacedOutput.broken(path, project.problem().get()));
      return;
    }
    totalBytes += output.size().orElse(0);
    totalFiles += output.fileCount().orElse(1);
    try {
      Origins from = origins.of(path, file, project, output, dependencies);
      sources.addAll(from.sources());
      place(new PlacedOutput(path, Optional.of(output), from, Optional.empty()));
    } catch (IOException e) {
      problem(path, e);
      place(PlacedOutput.broken(path, String.valueOf(e.getMessage())));
    }
  }

  private OutputOrigins.Project project(String path) {
    String nearest = "";
    for (String project : projects) {
      if (path.startsWith(project + "/") && project.length() > nearest.length()) {
        nearest = project;
      }
    }
    return projectConfigs.computeIfAbsent(
        nearest,
        p -> {
          try {
            DvcConfig config = remotes.config(p);
            return new OutputOrigins.Project(
                config, then(p), remotes.dvcCache(config, p), Optional.empty());
          } catch (IOException e) {
            problem(p.isEmpty() ? ".dvc/config" : p + "/.dvc/config", e);
            return new OutputOrigins.Project(
                null,
                Optional.empty(),
                Optional.empty(),
                Optional.of(String.valueOf(e.getMessage())));
          }
        });
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

  private void place(PlacedOutput placed) {
    MergedDirectory.OutputTree at = outputs;
    for (String name : placed.path().split("/")) {
      at = at.children.computeIfAbsent(name, n -> new MergedDirectory.OutputTree());
    }
    if (at.output == null) {
      at.output = entries.of(placed);
    }
  }
}
