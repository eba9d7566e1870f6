package io.revfs.workingcopy.output;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.revfs.dvc.pipeline.ParsingOptions;
import io.revfs.project.Project;
import io.revfs.stage.StageIndex;
import io.revfs.stage.StageLoader;
import io.revfs.stage.view.WorkTreeView;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Which paths are in outputs, also in those that nobody has made yet. Read when it is first asked
 * for, and again after a file that names outputs changed. Thread-safe.
 */
public final class TrackedPaths {
  private final Path root;

  @GuardedBy("this")
  private final Map<String, Optional<StageIndex>> projects = new HashMap<>();

  /** {@code root}: where the working copy is reached past its mount. */
  public TrackedPaths(Path root) {
    this.root = root;
  }

  /** A file that names outputs changed. */
  public synchronized void changed() {
    projects.clear();
  }

  /**
   * Returns whether a path is in an output.
   *
   * @param directories of the DVC projects, the root as the empty path
   */
  public boolean isTracked(List<String> path, Set<String> directories) throws IOException {
    if (path.contains(".git") || path.contains(".dvc")) {
      return false;
    }
    String project = "";
    List<String> at = new ArrayList<>();
    for (String name : path) {
      at.add(name);
      String directory = String.join("/", at);
      if (directories.contains(directory)) {
        project = directory;
      }
    }
    Optional<StageIndex> index = index(project);
    String whole = String.join("/", path);
    String inside = project.isEmpty() ? whole : whole.substring(project.length() + 1);
    return index.isPresent() && index.get().outContaining(inside).isPresent();
  }

  private synchronized Optional<StageIndex> index(String project) throws IOException {
    if (!projects.containsKey(project)) {
      Path directory = root.resolve(project);
      Optional<StageIndex> index =
          Project.isRoot(directory)
              ? Optional.of(
                  new StageLoader(
                          new WorkTreeView(directory, Project.findGitRoot(directory)),
                          ParsingOptions.DEFAULT)
                      .load(problem -> {}))
              : Optional.empty();
      projects.put(project, index);
    }
    return projects.getOrDefault(project, Optional.empty());
  }
}
