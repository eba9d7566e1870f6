package io.revfs.command.tracking;

import io.revfs.command.CommandFailure;
import io.revfs.command.Invocation;
import io.revfs.dvc.pipeline.ParsingOptions;
import io.revfs.git.GitRepository;
import io.revfs.project.Project;
import io.revfs.stage.CommitView;
import io.revfs.stage.Out;
import io.revfs.stage.StageIndex;
import io.revfs.stage.StageLoader;
import io.revfs.stage.Target;
import io.revfs.stage.Targets;
import io.revfs.stage.UnknownTargetException;
import io.revfs.stage.WorkTreeView;
import io.revfs.workspace.LinkType;
import io.revfs.workspace.OutFiles;
import io.revfs.workspace.Workspace;
import io.revfs.workspace.Workspaces;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What one command works with: the project it was called in, its stages and its files. */
public final class Session implements Closeable {
  private final Invocation call;
  private final Project project;
  private final Workspace workspace;
  private final OutFiles files;
  private final ProjectIgnores ignores;
  private final Targets targets;
  private final ParsingOptions parsing;
  private final String from;
  private @Nullable GitRepository git;

  private Session(
      Invocation call, Project project, Workspace workspace, ProjectIgnores ignores, String label) {
    this.ignores = ignores;
    this.call = call;
    this.project = project;
    this.workspace = workspace;
    this.from = fromRoot(project, call.directory());
    this.files = new OutFiles(workspace, project.root(), ignores, new CallProgress(call, label));
    this.parsing =
        ParsingOptions.of(
            project.config().get("parsing", "bool"), project.config().get("parsing", "list"));
    WorkTreeView view = new WorkTreeView(project.root(), project.gitRoot());
    this.targets = new Targets(new StageLoader(view, parsing), from);
  }

  /**
   * Opens the project that the command was called in; the caller closes it.
   *
   * @param label what is done, for the progress
   */
  public static Session open(Invocation call, Workspaces workspaces, String label)
      throws IOException {
    Project project = Project.find(call.directory(), call.environment());
    Workspaces.CacheSettings cache = cacheSettings(project, call.umask());
    Workspace workspace = workspaces.of(cache, project.tmp());
    return new Session(call, project, workspace, new ProjectIgnores(project.root()), label);
  }

  private static Workspaces.CacheSettings cacheSettings(Project project, int umask)
      throws IOException {
    List<LinkType> links;
    try {
      links = project.config().get("cache", "type").map(LinkType::parse).orElse(LinkType.DEFAULT);
    } catch (IllegalArgumentException e) {
      throw new CommandFailure(
          "configuration error - cache.type: " + e.getMessage(),
          "name some of: reflink, hardlink, symlink, copy",
          CommandFailure.CONFIGURATION);
    }
    return new Workspaces.CacheSettings(
        project.cacheDirectory(),
        links,
        project.config().get("cache", "shared").filter("group"::equals).isPresent(),
        project.isSet("cache", "verify", false),
        umask);
  }

  private static String fromRoot(Project project, Path directory) {
    return project.root().relativize(directory).toString();
  }

  /** Returns the call. */
  public Invocation call() {
    return call;
  }

  /** Returns the project. */
  public Project project() {
    return project;
  }

  /** Returns its work tree and cache. */
  public Workspace workspace() {
    return workspace;
  }

  /** Returns outputs as files. */
  public OutFiles files() {
    return files;
  }

  /** Holds the project's lock until it is closed. */
  public Closeable lock() throws IOException {
    return ProjectLock.take(project.tmp().resolve("lock"), call.flag("wait-for-lock"));
  }

  /** Returns what understands targets. */
  public Targets targets() {
    return targets;
  }

  /**
   * Returns whether DVC sees nothing at a path, absolute and in the project: {@code .dvcignore}
   * hides it or a directory it is in, or it is in another project.
   */
  public boolean isIgnored(Path path) {
    for (Path at = path; !at.equals(project.root()); ) {
      Path parent = at.getParent();
      Path name = at.getFileName();
      if (parent == null || name == null) {
        return false;
      }
      if (ignores.in(parent).ignores(name.toString(), Files.isDirectory(at))) {
        return true;
      }
      at = parent;
    }
    return false;
  }

  /**
   * Refuses outputs that {@code .dvcignore} hides: they would seem to be gone.
   *
   * @throws CommandFailure if a target has one
   */
  void checkSeen(List<Target> found) throws CommandFailure {
    for (Target target : found) {
      for (Out out : target.stage().outs()) {
        if (out.place().isInProject() && ignores.ignores(files.place(out))) {
          throw new CommandFailure(
              "Path '%s' is ignored by .dvcignore".formatted(files.place(out)),
              "see which rule it is: dvc check-ignore -d " + shown(out),
              CommandFailure.FAILED);
        }
      }
    }
  }

  /** Returns all stages of the work tree. */
  public StageIndex index() throws IOException {
    return targets.index();
  }

  /** Returns the caller's directory, from the root. */
  public String from() {
    return from;
  }

  /** Returns how an output is shown to the caller. */
  public String shown(Out out) {
    return out.place().shown(from);
  }

  /** Returns how a path of the project is shown to the caller. */
  public String shown(Path path) {
    return call.directory().relativize(path).toString();
  }

  /** Returns a path of the caller, from the root. */
  public String inProject(String path) {
    return project.root().relativize(call.resolve(path)).toString();
  }

  /** Returns what the command's targets mean; all stages if it has none. */
  public List<Target> targets(String argument) throws IOException {
    List<Target> found =
        targets.resolve(
            call.values(argument),
            new Targets.Options(call.flag("with-deps"), call.flag("recursive")));
    checkSeen(found);
    return found;
  }

  /** Returns Git's repository; empty without one. */
  public Optional<GitRepository> git() throws IOException {
    Optional<Path> top = project.gitRoot();
    if (top.isEmpty()) {
      return Optional.empty();
    }
    if (git == null) {
      git = GitRepository.open(top.get());
    }
    return Optional.of(git);
  }

  /**
   * Returns the id of a commit, which may be named as Git does.
   *
   * @throws CommandFailure if there is no such commit
   */
  public String commit(String revision) throws IOException {
    GitRepository repository =
        git()
            .orElseThrow(
                () ->
                    new CommandFailure(
                        "this project has no Git, so there are no revisions",
                        "compare the work tree only",
                        CommandFailure.OTHER));
    Optional<String> commit = repository.resolve(revision);
    if (commit.isEmpty()) {
      throw new CommandFailure(
          "unknown Git revision '" + revision + "'", "see: git log", CommandFailure.OTHER);
    }
    return commit.get();
  }

  /** Returns the stages of a commit. */
  public StageIndex indexOf(String commit) throws IOException {
    GitRepository repository = git().orElseThrow();
    CommitView view =
        CommitView.of(repository, commit, project.root(), project.gitRoot().orElseThrow());
    return new StageLoader(view, parsing).load(problem -> {});
  }

  /** Returns what targets mean in a commit. */
  public List<Target> targetsIn(StageIndex index, String target) throws IOException {
    return new Targets(new StageLoader(index.view(), parsing), from, index)
        .resolve(target, Targets.Options.PLAIN);
  }

  /** Returns the answer to a target that means nothing. */
  public static CommandFailure failure(UnknownTargetException e) {
    return new CommandFailure(String.valueOf(e.getMessage()), "", CommandFailure.OTHER, e);
  }

  @Override
  public void close() {
    workspace.close();
    if (git != null) {
      git.close();
    }
  }
}
