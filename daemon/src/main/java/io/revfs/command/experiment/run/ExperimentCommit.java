package io.revfs.command.experiment.run;

import io.revfs.command.explain.RecordedInputs;
import io.revfs.git.GitCaller;
import io.revfs.git.ScratchIndex;
import io.revfs.project.Project;
import io.revfs.stage.Dep;
import io.revfs.stage.Out;
import io.revfs.stage.ParamsDep;
import io.revfs.stage.Stage;
import io.revfs.stage.StageFile;
import io.revfs.stage.StageIndex;
import io.revfs.stage.StageLoader;
import io.revfs.stage.target.ProjectStages;
import io.revfs.text.RelativePaths;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Makes the commit of an experiment of what a work tree holds: what Git tracks, and what the
 * project's stages name and Git is to have. Nobody's index, branch or {@code HEAD} changes.
 *
 * @param git over the work tree
 * @param index the work tree's own index, to begin with
 */
record ExperimentCommit(GitCaller git, Optional<Path> index) {

  /**
   * Makes it.
   *
   * @param project the one in the work tree
   * @param parent the commit that it is made on
   * @param include what else is taken, also if Git ignores it; from the top of the work tree
   * @return its id
   */
  String make(Project project, String parent, String message, Set<String> include)
      throws IOException {
    StageIndex stages = new ProjectStages(project, "").loader().load(problem -> {});
    try (ScratchIndex scratch =
        index.isPresent() ? ScratchIndex.copy(git, index.get()) : ScratchIndex.copy(git)) {
      scratch.takeTracked();
      String prefix = git.directory().relativize(project.root()).toString();
      scratch.take(inGit(prefix, named(stages)), false);
      scratch.take(include, true);
      return git.commit(scratch.tree(), List.of(parent), message);
    }
  }

  private static Set<String> inGit(String prefix, Set<String> paths) {
    Set<String> all = new LinkedHashSet<>();
    paths.forEach(path -> all.add(RelativePaths.join(prefix, path)));
    return all;
  }

  /** What stages name and Git is to have, from the project's root. */
  private static Set<String> named(StageIndex stages) {
    Set<String> paths = new LinkedHashSet<>();
    for (Stage stage : stages.stages()) {
      if (!stage.isPipeline()) {
        continue; // a .dvc file that Git does not track is not part of it, as with DVC
      }
      paths.add(stage.id().file());
      paths.add(stage.lockFile());
      paths.add(RelativePaths.join(stage.id().directory(), RecordedInputs.FILE));
      for (Dep dep : stage.deps()) {
        if (dep.place().isInProject() && stages.outContaining(dep.path()).isEmpty()) {
          paths.add(dep.path());
        }
      }
      for (ParamsDep params : stage.params()) {
        if (params.place().isInProject()) {
          paths.add(params.place().path());
        }
      }
      for (Out out : stage.outs()) {
        if (out.place().isInProject()) {
          paths.add(
              out.cached()
                  ? RelativePaths.join(RelativePaths.parent(out.path()), ".gitignore")
                  : out.path());
        }
      }
    }
    paths.addAll(topLevel(stages));
    return paths;
  }

  /** Returns metrics, parameters and plots that {@code dvc.yaml} files name at their top. */
  static Set<String> topLevel(StageIndex stages) {
    Set<String> paths = new LinkedHashSet<>();
    for (StageFile file : stages.files().values()) {
      Set<String> named = new LinkedHashSet<>(file.metrics());
      named.addAll(file.params());
      for (Object plot : file.plots()) {
        addPlot(plot, named);
      }
      String directory = RelativePaths.parent(file.path());
      for (String path : named) {
        String joined = RelativePaths.join(directory, path);
        if (stages.outContaining(joined).filter(Out::cached).isEmpty()) {
          paths.add(joined);
        }
      }
    }
    return paths;
  }

  /** A plot is a path, or names files in its axes. */
  private static void addPlot(Object plot, Set<String> paths) {
    if (plot instanceof String path) {
      paths.add(path);
    } else if (plot instanceof Map<?, ?> map) {
      map.forEach(
          (id, properties) -> {
            paths.add(String.valueOf(id));
            if (properties instanceof Map<?, ?> some) {
              for (String axis : new String[] {"x", "y"}) {
                if (some.get(axis) instanceof Map<?, ?> files) {
                  files.keySet().forEach(path -> paths.add(String.valueOf(path)));
                }
              }
            }
          });
    }
  }

  /** Returns the {@code dvc.lock} files of a project. */
  static List<Path> locks(Project project, StageIndex stages) {
    return stages.files().keySet().stream()
        .filter(path -> path.endsWith(StageLoader.PIPELINE_FILE))
        .map(path -> project.root().resolve(path).resolveSibling(StageLoader.LOCK_FILE))
        .toList();
  }
}
