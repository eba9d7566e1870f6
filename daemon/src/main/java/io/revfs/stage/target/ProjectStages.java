package io.revfs.stage.target;

import io.revfs.dvc.pipeline.ParsingOptions;
import io.revfs.git.GitRepository;
import io.revfs.project.Project;
import io.revfs.stage.StageLoader;
import io.revfs.stage.view.CommitView;
import io.revfs.stage.view.FileView;
import io.revfs.stage.view.WorkTreeView;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;

/**
 * The way from where somebody stands to the stages around.
 *
 * @param from the caller's directory, from the project's root
 */
public record ProjectStages(Project project, String from) {
  /**
   * Finds the project that a directory is in.
   *
   * @param environment the caller's
   */
  public static ProjectStages find(Path directory, Map<String, String> environment)
      throws IOException {
    Project project = Project.find(directory, environment);
    return new ProjectStages(project, project.relative(directory));
  }

  /** As {@link #find}, also where there is no project: see {@link Project#around}. */
  public static ProjectStages around(Path directory, Map<String, String> environment)
      throws IOException {
    Project project = Project.around(directory, environment);
    return new ProjectStages(project, project.relative(directory));
  }

  /** Returns the files of the work tree. */
  public FileView workTree() {
    return new WorkTreeView(project.root(), project.gitRoot());
  }

  /** Returns what reads stages of the work tree. */
  public StageLoader loader() {
    return loader(workTree());
  }

  /** Returns what reads stages of a commit. */
  public StageLoader loader(GitRepository git, String commit) throws IOException {
    Path gitRoot = project.gitRoot().orElse(project.root());
    return loader(CommitView.of(git, commit, project.root(), gitRoot));
  }

  private StageLoader loader(FileView view) {
    return new StageLoader(view, ParsingOptions.of(project.config()));
  }

  /** Returns what understands the caller's targets in the work tree. */
  public Targets targets() {
    return new Targets(loader(), from);
  }
}
