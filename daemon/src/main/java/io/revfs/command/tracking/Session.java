package io.revfs.command.tracking;

import io.revfs.command.CommandFailure;
import io.revfs.command.Invocation;
import io.revfs.dvc.pipeline.ParsingOptions;
import io.revfs.git.GitRepository;
import io.revfs.project.DvcIgnore;
import io.revfs.project.LockedException;
import io.revfs.project.PathLocks;
import io.revfs.project.Project;
import io.revfs.project.ProjectLock;
import io.revfs.stage.Out;
import io.revfs.stage.StageIndex;
import io.revfs.stage.StageLoader;
import io.revfs.stage.target.Target;
import io.revfs.stage.target.Targets;
import io.revfs.stage.target.UnknownTargetException;
import io.revfs.stage.view.CommitView;
import io.revfs.stage.view.FileView;
import io.revfs.stage.view.WorkTreeView;
import io.revfs.workspace.IgnoreFilter;
import io.revfs.workspace.OutFiles;
import io.revfs.workspace.Workspace;
import io.revfs.workspace.Workspaces;
import io.revfs.workspace.store.LinkType;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/** What one command works with: the project it was called in, its stages and its files. */
public final class Session implements Closeable {
  private final Invocation call;
  private final Project project;
  private final Workspace workspace;
  private final OutFiles files;
  private final DvcIgnore ignores;
  private final Targets targets;
  private final ParsingOptions parsing;
  private final String from;
  private @Nullable GitRepository git;
  private int exit = CommandFailure.FAILED;

  private Session(
      Invocation call, Project project, Workspace workspace, DvcIgnore ignores, String label) {
    this.ignores = ignores;
    this.call = call;
    this.project = project;
    this.workspace = workspace;
    this.from = fromRoot(project, call.directory());
    this.files =
        new OutFiles(workspace, project.root(), this::ignoredIn, new CallProgress(call, label));
    this.parsing = ParsingOptions.of(project.config());
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
    return new Session(call, project, workspace, DvcIgnore.of(project.root()), label);
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
        umask,
        hashers(project));
  }

  private static OptionalInt hashers(Project project) throws CommandFailure {
    Optional<String> jobs = project.config().get("core", "checksum_jobs");
    if (jobs.isEmpty()) {
      return OptionalInt.empty();
    }
    if (!jobs.get().matches("[1-9]\\d{0,3}")) {
      throw new CommandFailure(
          "configuration error - core.checksum_jobs: expected a number of threads, not '"
              + jobs.get()
              + "'",
          "dvc config core.checksum_jobs 4, or -u for as many as there are cores",
          CommandFailure.CONFIGURATION);
    }
    return OptionalInt.of(Integer.parseInt(jobs.get()));
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

  private IgnoreFilter.Names ignoredIn(Path directory) throws IOException {
    return project.contains(directory)
        ? ignores.in(project.relative(directory))::ignores
        : (name, isDirectory) -> false;
  }

  /** Holds the project's lock until it is closed; another's lock fails the command with code 1. */
  public Closeable lock() throws IOException {
    return lock(CommandFailure.FAILED);
  }

  /** As the other one, with another exit code for what fails: DVC's commands differ. */
  public Closeable lock(int exitOfFailures) throws IOException {
    exit = exitOfFailures;
    try {
      return ProjectLock.take(project, call.flag("wait-for-lock"));
    } catch (LockedException e) {
      throw new CommandFailure(String.valueOf(e.getMessage()), e.whatToDo(), exit, e);
    }
  }

  /**
   * Makes sure that no stage that runs reads or writes what is about to be written. The project's
   * lock must be held, and kept until it is written.
   *
   * @param outs what is written
   * @throws CommandFailure if one does
   */
  public void checkFree(Collection<Out> outs) throws IOException {
    List<Path> places =
        outs.stream().filter(out -> out.place().isLocal()).map(files::place).toList();
    try {
      new PathLocks(project, call::warn).check(List.of(), places);
    } catch (LockedException e) {
      throw new CommandFailure(String.valueOf(e.getMessage()), e.whatToDo(), exit, e);
    }
  }

  /** Returns the exit code of a command that DVC itself would end. */
  int exit() {
    return exit;
  }

  /** Holds the project's lock as {@link #lock} does, and waits for it. */
  public Closeable lockWaiting() throws IOException {
    try {
      return ProjectLock.take(project, true);
    } catch (LockedException e) {
      throw new CommandFailure(String.valueOf(e.getMessage()), e.whatToDo(), exit, e);
    }
  }

  /** Returns what understands targets. */
  public Targets targets() {
    return targets;
  }

  /**
   * Returns the rule of {@code .dvcignore}, or DVC's own, that hides a path or a directory it is
   * in; empty if it is seen.
   *
   * @param path absolute, in the project
   */
  public Optional<String> ignoredBy(Path path) throws IOException {
    DvcIgnore.Verdict verdict = ignores.verdict(project.relative(path), Files.isDirectory(path));
    return verdict.ignored() ? verdict.rule() : Optional.empty();
  }

  /**
   * Refuses outputs that {@code .dvcignore} hides: they would seem to be gone.
   *
   * @throws CommandFailure if a target has one
   */
  void checkSeen(List<Target> found) throws IOException {
    for (Target target : found) {
      for (Out out : target.stage().outs()) {
        if (out.place().isInProject()) {
          checkSeen(files.place(out));
        }
      }
    }
  }

  /**
   * Refuses a path that {@code .dvcignore} hides.
   *
   * @param path absolute, in the project
   */
  public void checkSeen(Path path) throws IOException {
    Optional<String> rule = ignoredBy(path);
    if (rule.isPresent()) {
      throw new CommandFailure(
          "Path '%s' is ignored by %s".formatted(path, rule.get()),
          "change .dvcignore if it is to be tracked; see: dvc check-ignore -d " + shown(path),
          CommandFailure.FAILED);
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
    return call.shown(path);
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
          "unknown Git revision '" + revision + "'",
          repository.isShallow()
              ? "this is a shallow clone: bring all commits by: git fetch --unshallow"
              : "see: git log",
          CommandFailure.OTHER);
    }
    return commit.get();
  }

  /** Returns the stages of a commit. */
  public StageIndex indexOf(String commit) throws IOException {
    return loaderOf(commit).load(problem -> {});
  }

  /** Returns what reads stages out of files, as this project's configuration says. */
  public StageLoader loader(FileView view) {
    return new StageLoader(view, parsing);
  }

  private StageLoader loaderOf(String commit) throws IOException {
    GitRepository repository = git().orElseThrow();
    CommitView view =
        CommitView.of(repository, commit, project.root(), project.gitRoot().orElseThrow());
    return new StageLoader(view, parsing);
  }

  /**
   * Returns the stages of a commit.
   *
   * @throws io.revfs.dvc.DvcFormatException if any of its files cannot be read
   */
  public StageIndex completeIndexOf(String commit) throws IOException {
    return loaderOf(commit).load();
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
