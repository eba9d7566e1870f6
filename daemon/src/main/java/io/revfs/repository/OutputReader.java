package io.revfs.repository;

import io.revfs.dvc.Dependency;
import io.revfs.dvc.DvcConfig;
import io.revfs.dvc.DvcFile;
import io.revfs.dvc.DvcFormatException;
import io.revfs.dvc.Output;
import io.revfs.dvc.OutputPaths;
import io.revfs.dvc.lock.DvcLock;
import io.revfs.dvc.lock.LockedStage;
import io.revfs.dvc.pipeline.DeclaredOutput;
import io.revfs.dvc.pipeline.ParsingOptions;
import io.revfs.dvc.pipeline.PipelineFile;
import io.revfs.dvc.pipeline.PipelineStage;
import io.revfs.snapshot.PendingOutput;
import io.revfs.text.RelativePaths;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads {@code .dvc} files, {@code dvc.lock} and {@code dvc.yaml}: which outputs they name, where
 * those lie, and where their objects may be. What cannot be read costs its own outputs only. Of a
 * commit's files or of a work tree's; used by one thread.
 */
final class OutputReader {
  private static final Logger log = LoggerFactory.getLogger(OutputReader.class);
  static final String SUFFIX = ".dvc";

  private final RepositoryRemotes remotes;
  private final OutputOrigins origins;
  private final WorkTreeFiles files;
  private final Then then;
  private final Set<String> projects;
  private final Sink sink;
  private final Map<String, OutputOrigins.Project> projectConfigs = new HashMap<>();

  /** The configuration that goes with the files, beside that of now. */
  @FunctionalInterface
  interface Then {
    Optional<DvcConfig> of(String project);
  }

  /** Takes what is found. */
  interface Sink {
    /** An output whose bytes are somewhere, or that cannot be read. */
    void place(PlacedOutput output);

    /** An output that nobody has made. */
    void pending(PendingOutput output);

    /** Something cannot be shown. */
    void problem(String path, IOException why);
  }

  /**
   * @param projects the directories of DVC's projects, the root as the empty path; more may be
   *     added until the first file is read
   */
  OutputReader(
      RepositoryRemotes remotes,
      OutputOrigins origins,
      WorkTreeFiles files,
      Then then,
      Set<String> projects,
      Sink sink) {
    this.remotes = remotes;
    this.origins = origins;
    this.files = files;
    this.then = then;
    this.projects = projects;
    this.sink = sink;
  }

  /** Reads a {@code .dvc} file. */
  void dvcFile(String path, byte[] content) {
    String shown = path.substring(0, path.length() - SUFFIX.length());
    DvcFile file;
    try {
      file = DvcFile.parse(path, content);
    } catch (DvcFormatException e) {
      sink.problem(shown, e);
      sink.place(PlacedOutput.broken(shown, String.valueOf(e.getMessage())));
      return;
    }
    for (Output output : file.outputs()) {
      try {
        String at =
            OutputPaths.resolve(
                RelativePaths.parent(path),
                file.workingDirectory(),
                output.path(),
                path,
                output.line());
        place(at, path, output, file.dependencies());
      } catch (IOException e) {
        sink.problem(path, e);
      }
    }
  }

  /** Reads a {@code dvc.lock}, with the {@code dvc.yaml} beside it. */
  void lockFile(String path, byte[] content) throws IOException {
    String directory = RelativePaths.parent(path);
    String yamlPath = directory.isEmpty() ? "dvc.yaml" : directory + "/dvc.yaml";
    DvcLock lock;
    try {
      lock = DvcLock.parse(path, content);
    } catch (DvcFormatException e) {
      sink.problem(path, e);
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
          sink.problem(path, e);
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
          sink.place(
              PlacedOutput.broken(
                  OutputPaths.resolve(
                      RelativePaths.parent(yamlPath),
                      stage.workingDirectory(),
                      output.path(),
                      yamlPath,
                      0),
                  why));
        } catch (DvcFormatException e) {
          sink.problem(yamlPath, e);
        }
      }
    }
  }

  /** Reads a {@code dvc.yaml} for what its stages will make; read after what they have made. */
  void yamlFile(String path) throws IOException {
    for (PipelineStage stage : yaml(path, false).values()) {
      for (DeclaredOutput output : stage.outputs()) {
        if (!output.cached()) {
          continue;
        }
        try {
          String at =
              OutputPaths.resolve(
                  RelativePaths.parent(path), stage.workingDirectory(), output.path(), path, 0);
          sink.pending(new PendingOutput(at, Optional.empty(), OptionalLong.empty()));
        } catch (IOException e) {
          log.debug("{}", e.getMessage()); // that it cannot be parsed was told with the lock file
        }
      }
    }
  }

  private Map<String, PipelineStage> yaml(String path, boolean tell) throws IOException {
    Optional<byte[]> text = files.read(path);
    if (text.isEmpty()) {
      return Map.of();
    }
    try {
      return PipelineFile.parse(path, text.get(), files::read, ParsingOptions.DEFAULT)
          .stages(
              e -> {
                if (tell) {
                  sink.problem(path, e);
                }
              });
    } catch (DvcFormatException e) {
      if (tell) {
        sink.problem(path, e);
      }
      return Map.of();
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

  private void place(String path, String file, Output output, List<Dependency> dependencies)
      throws IOException {
    if (!output.cached()) {
      return; // Git has it
    }
    if (output.key().isEmpty() && output.files().isEmpty()) {
      Optional<Dependency> source = dependencies.stream().findFirst();
      sink.pending(
          new PendingOutput(
              path,
              source.flatMap(Dependency::key),
              source.map(Dependency::size).orElse(OptionalLong.empty())));
      return;
    }
    OutputOrigins.Project project = project(path);
    if (project.problem().isPresent()) {
      sink.place(PlacedOutput.broken(path, project.problem().get()));
      return;
    }
    try {
      sink.place(
          new PlacedOutput(
              path,
              Optional.of(output),
              origins.of(path, file, project, output, dependencies),
              Optional.empty()));
    } catch (IOException e) {
      sink.problem(path, e);
      sink.place(PlacedOutput.broken(path, String.valueOf(e.getMessage())));
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
                p, config, then.of(p), remotes.dvcCache(config, p), Optional.empty());
          } catch (IOException e) {
            sink.problem(p.isEmpty() ? ".dvc/config" : p + "/.dvc/config", e);
            return new OutputOrigins.Project(
                p,
                null,
                Optional.empty(),
                Optional.empty(),
                Optional.of(String.valueOf(e.getMessage())));
          }
        });
  }
}
