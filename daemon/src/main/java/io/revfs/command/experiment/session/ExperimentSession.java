package io.revfs.command.experiment.session;

import io.revfs.command.CommandFailure;
import io.revfs.command.Invocation;
import io.revfs.experiment.AmbiguousExperimentException;
import io.revfs.experiment.Baselines;
import io.revfs.experiment.ExperimentRef;
import io.revfs.experiment.ExperimentRefs;
import io.revfs.experiment.queue.TaskQueue;
import io.revfs.git.GitCaller;
import io.revfs.git.GitRemote;
import io.revfs.git.GitRepository;
import io.revfs.project.LockedException;
import io.revfs.project.Project;
import io.revfs.project.ProjectLock;
import io.revfs.reach.Passages;
import io.revfs.stage.target.ProjectStages;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** What one command on experiments works with. Not thread-safe. */
public final class ExperimentSession implements Closeable {
  private final Invocation call;
  private final ProjectStages stages;
  private final GitRepository git;
  private final GitCaller caller;
  private final ExperimentRefs refs;

  private ExperimentSession(Invocation call, ProjectStages stages, Path top, GitRepository git) {
    this.call = call;
    this.stages = stages;
    this.git = git;
    this.caller = new GitCaller(top, call.environment());
    this.refs = new ExperimentRefs(git);
  }

  /**
   * Opens the project that the command was called in; the caller closes it.
   *
   * @throws CommandFailure if it has no Git, or no commit yet
   */
  public static ExperimentSession open(Invocation call) throws IOException {
    ProjectStages stages = ProjectStages.find(call.directory(), call.environment());
    Path top =
        stages
            .project()
            .gitRoot()
            .orElseThrow(
                () ->
                    new CommandFailure(
                        "experiments need Git, and this project has none",
                        "git init, and take core.no_scm out of .dvc/config",
                        CommandFailure.OTHER));
    GitRepository git = GitRepository.open(top);
    if (git.resolve("HEAD").isEmpty()) {
      git.close();
      throw new CommandFailure(
          "Empty Git repo. Add a commit to use experiments.",
          "git add . && git commit",
          CommandFailure.OTHER);
    }
    return new ExperimentSession(call, stages, top, git);
  }

  /** Returns the call. */
  public Invocation call() {
    return call;
  }

  /** Returns the way to the project's stages. */
  public ProjectStages stages() {
    return stages;
  }

  /** Returns the project. */
  public Project project() {
    return stages.project();
  }

  /** Returns the repository, to be read. */
  public GitRepository git() {
    return git;
  }

  /** Returns the {@code git} command as the caller runs it at the top of the work tree. */
  public GitCaller caller() {
    return caller;
  }

  /** Returns another repository; a relative place of it is from where people have the work tree. */
  public GitRemote remote(String name) {
    Path top = Passages.shown(caller.directory());
    return new GitRemote(caller.over(top, git.gitDirectory()), name);
  }

  /** Returns the finished experiments. */
  public ExperimentRefs refs() {
    return refs;
  }

  /** Returns the project's place in the repository; empty if it is at the top. */
  public String projectInGit() {
    return caller.directory().relativize(project().root()).toString();
  }

  /** Returns the commit that {@code HEAD} is. */
  public String head() throws IOException {
    return git.resolve("HEAD").orElseThrow();
  }

  /** Holds the project's lock until it is closed. */
  public Closeable lock() throws IOException {
    try {
      return ProjectLock.take(project(), call.flag("wait-for-lock"));
    } catch (LockedException e) {
      throw new CommandFailure(
          String.valueOf(e.getMessage()), e.whatToDo(), CommandFailure.OTHER, e);
    }
  }

  /**
   * Returns the commit that a revision or an experiment's name means.
   *
   * @throws CommandFailure if there is none
   */
  public String commit(String revision) throws IOException {
    Optional<String> commit = git.resolve(revision);
    if (commit.isPresent()) {
      return commit.get();
    }
    Optional<ExperimentRef> experiment = named(revision);
    Optional<String> of = experiment.isPresent() ? refs.commit(experiment.get()) : Optional.empty();
    return of.orElseThrow(
        () ->
            new CommandFailure(
                "unknown Git revision or experiment '" + revision + "'",
                "see: dvc exp list --all-commits; git log",
                CommandFailure.OTHER));
  }

  /** Returns the experiment of a name; empty if there is none. */
  public Optional<ExperimentRef> named(String name) throws IOException {
    return named(name, refs.all().keySet());
  }

  /** As the other one, among some. */
  public Optional<ExperimentRef> named(String name, Iterable<ExperimentRef> among)
      throws IOException {
    try {
      return refs.named(name, among);
    } catch (AmbiguousExperimentException e) {
      throw new CommandFailure(
          String.valueOf(e.getMessage()),
          "say which by its full name (refs/exps/...)",
          CommandFailure.OTHER,
          e);
    }
  }

  /** Returns the answer to names that no experiment has. */
  public static CommandFailure unknown(List<String> names, String where) {
    String quoted = "'" + String.join("; ", names) + "'";
    return new CommandFailure(
        where.isEmpty()
            ? names.size() > 1
                ? quoted + " are not valid experiment names"
                : quoted + " is not a valid experiment name"
            : "Experiment %s does not exist in '%s'".formatted(quoted, where),
        "see: dvc exp list --all-commits" + (where.isEmpty() ? "" : " " + where),
        CommandFailure.OTHER);
  }

  /**
   * Refuses a name that no experiment may have.
   *
   * @throws CommandFailure if it is one
   */
  public static void checkName(String name) throws CommandFailure {
    if (!ExperimentRef.isName(name)) {
      throw new CommandFailure(
          ("Invalid exp name %s, the exp name must follow rules in"
                  + " https://git-scm.com/docs/git-check-ref-format")
              .formatted(name),
          "use letters, digits, '-', '_' and '.', and no '/'",
          CommandFailure.OTHER);
    }
  }

  /** Returns the answer to a name that is taken. */
  public static CommandFailure exists(String name, String command) {
    return new CommandFailure(
        "Experiment conflicts with existing experiment '%s'".formatted(name),
        "take another name, or replace it: dvc exp %s -f".formatted(command),
        CommandFailure.OTHER);
  }

  /** Returns which commits the call's options name ({@code --rev}, {@code -n}, {@code -A}, …). */
  public Baselines.Choice choice() throws IOException {
    List<String> revisions = new ArrayList<>();
    for (String revision : call.values("rev")) {
      revisions.add(commit(revision));
    }
    return new Baselines.Choice(
        revisions,
        call.flag("all-branches"),
        call.flag("all-tags"),
        call.flag("all-commits"),
        call.number("num").orElse(1));
  }

  /** Returns the commits that the call's options name. */
  public Set<String> baselines() throws IOException {
    return new Baselines(git).commits(choice());
  }

  /** Returns the queue of experiments that are to be run. */
  public TaskQueue tasks() throws IOException {
    return new TaskQueue(project(), git, caller);
  }

  /** Returns the time zone of the caller. */
  public ZoneId zone() {
    String zone = call.environment().getOrDefault("TZ", "");
    try {
      return zone.isEmpty() ? ZoneId.systemDefault() : ZoneId.of(zone.replaceFirst("^:", ""));
    } catch (DateTimeException e) {
      return ZoneId.systemDefault();
    }
  }

  /** Returns names as people read them. */
  public static String joined(List<String> names) {
    List<String> quoted = names.stream().map(name -> "'" + name + "'").toList();
    int last = quoted.size() - 1;
    return last < 1
        ? String.join("", quoted)
        : String.join(", ", quoted.subList(0, last)) + " and " + quoted.get(last);
  }

  @Override
  public void close() {
    git.close();
  }
}
