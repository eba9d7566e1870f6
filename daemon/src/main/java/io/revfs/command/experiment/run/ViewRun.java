package io.revfs.command.experiment.run;

import io.revfs.command.CommandFailure;
import io.revfs.command.Invocation;
import io.revfs.command.experiment.run.ReproOfExperiment.Heard;
import io.revfs.command.experiment.session.ExperimentSession;
import io.revfs.command.repro.ReproCommand;
import io.revfs.command.tracking.Session;
import io.revfs.experiment.ExperimentHash;
import io.revfs.experiment.queue.Task;
import io.revfs.experiment.queue.Views;
import io.revfs.experiment.queue.celery.ReproArguments;
import io.revfs.git.GitCaller;
import io.revfs.project.ConfigEdit;
import io.revfs.project.ConfigLevel;
import io.revfs.project.FileTrees;
import io.revfs.project.Project;
import io.revfs.reach.Passages;
import io.revfs.stage.Out;
import io.revfs.stage.ParamsDep;
import io.revfs.stage.Stage;
import io.revfs.stage.StageId;
import io.revfs.stage.StageIndex;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Runs an experiment in a work tree of its own. Git's files are written there; data is shown to the
 * stages, and comes when they read it; or where that cannot be, it is linked to the project's
 * cache. So it costs nothing however much there is.
 */
final class ViewRun {
  /** A variable that all processes of a task inherit. */
  static final String MARK = "REVFS_EXPERIMENT";

  /** An argument of {@code repro}: what else runs the stages. */
  static final String EXECUTOR = "executor";

  private static final String LINKS = "reflink,hardlink,symlink,copy";

  private final ExperimentSession session;
  private final Tools tools;

  ViewRun(ExperimentSession session, Tools tools) {
    this.session = session;
    this.tools = tools;
  }

  /** Returns what marks the processes of a task. */
  static String mark(Task task) {
    return MARK + "=" + task.id();
  }

  /**
   * Runs a task.
   *
   * @param call of whoever runs its commands
   * @param clean whether the view goes also if the run fails
   * @return the commit of its result, which nothing points to yet
   */
  String run(Task task, Invocation call, boolean clean) throws IOException {
    Path view = session.tasks().place(task);
    boolean done = false;
    try {
      String commit = run(task, call, view);
      done = true;
      return commit;
    } finally {
      if (done || clean) {
        FileTrees.remove(view);
      }
    }
  }

  private String run(Task task, Invocation call, Path view) throws IOException {
    Path own = Views.make(session.git(), session.caller(), view, task.head(), task.id());
    Path root = view.resolve(session.projectInGit());
    Files.deleteIfExists(root.resolve(".dvc").resolve(ReproArguments.FILE)); // of the stash only
    configure(root, call);
    session.tasks().show(task, view);
    for (String path : task.copies()) {
      ExtraFiles.copy(session.project().root().resolve(path), root.resolve(path));
    }
    Path directory = root.resolve(task.from());
    if (!Files.isDirectory(directory)) {
      throw new CommandFailure(
          "the directory '%s' is not in the experiment's commit".formatted(task.from()),
          "run it from the project's root",
          CommandFailure.OTHER);
    }
    call.out("Reproducing experiment '%s'".formatted(task.name()));
    Map<String, String> variables =
        new LinkedHashMap<>(ExpRunCommand.variables(session, task.experiment()));
    variables.put(MARK, task.id());
    Invocation there = call.in(directory).withRunVariables(variables);
    Optional<Closeable> shown = show(task, there, view, own);
    Map<String, Object> ran =
        shown.isPresent()
            ? reproduceShown(task, there, root, shown.get())
            : reproduceLinked(task, there, root, ExpRunCommand.Wanted.ALL, new Heard());
    String given = task.message();
    String message = given == null ? ExperimentHash.message(ran) : given;
    GitCaller git = session.caller().over(view, session.git().gitDirectory());
    return new ExperimentCommit(git, Optional.of(own.resolve("index")))
        .make(Project.at(root, call.environment()), task.head(), message, Set.of());
  }

  /** Shows the data in the view, if that can be. */
  private Optional<Closeable> show(Task task, Invocation call, Path view, Path own)
      throws IOException {
    if (isDry(task) || tools.views().isEmpty()) {
      return Optional.empty();
    }
    return tools.views().get().show(call, view, session.caller().directory(), own);
  }

  private static boolean isDry(Task task) {
    return Boolean.TRUE.equals(task.arguments().get("dry"));
  }

  /**
   * Runs the stages, which are shown what they lack. If one would run where it does not see that,
   * the data is linked for it and for those after it.
   */
  private Map<String, Object> reproduceShown(Task task, Invocation call, Path root, Closeable shown)
      throws IOException {
    Heard heard = new Heard();
    Set<StageId> linked;
    try (shown) {
      ExpRunCommand.bring(tools, call, ViewRun::isReadByUs);
      return recorded(task, call, root, heard);
    } catch (UnseenException e) {
      call.warn(LazyViews.linked(heard.unseen().iterator().next()));
      linked = e.untouched;
    }
    return reproduceLinked(task, call, root, (stage, all) -> linked.contains(stage.id()), heard);
  }

  /** A stage would not have seen what is shown. */
  private static final class UnseenException extends IOException {
    private static final long serialVersionUID = 1L;
    private final transient Set<StageId> untouched;

    UnseenException(Throwable cause, Set<StageId> untouched) {
      super(cause);
      this.untouched = untouched;
    }
  }

  /** What was recorded of the stages is kept whether or not they go well. */
  private Map<String, Object> recorded(Task task, Invocation call, Path root, Heard heard)
      throws IOException {
    try {
      return ReproOfExperiment.run(tools.repro(), repro(task, call, true), root, heard);
    } catch (CommandFailure e) {
      if (heard.unseen().isEmpty()) {
        throw e;
      }
      throw new UnseenException(e, bringWhatChanged(call));
    } finally {
      Uninterrupted.run(
          () ->
              session
                  .tasks()
                  .traces()
                  .keep(
                      task.experiment(),
                      tools.views().orElseThrow().traces(List.copyOf(heard.traces()))));
    }
  }

  private Map<String, Object> reproduceLinked(
      Task task, Invocation call, Path root, ExpRunCommand.Wanted wanted, Heard heard)
      throws IOException {
    if (!isDry(task)) {
      ExpRunCommand.bring(tools, call, wanted);
    }
    return ReproOfExperiment.run(tools.repro(), repro(task, call, false), root, heard);
  }

  private static Invocation repro(Task task, Invocation call, boolean traced) {
    Map<String, Object> arguments = new LinkedHashMap<>(task.arguments());
    arguments.put(ReproCommand.TRACED, traced);
    return call.withArguments(arguments);
  }

  /**
   * Brings what is only shown of outputs that stages wrote to.
   *
   * @return the stages of whose outputs nothing is there yet
   */
  private Set<StageId> bringWhatChanged(Invocation call) throws IOException {
    Set<StageId> untouched = new HashSet<>();
    try (Session files = Session.open(call, tools.workspaces(), "Looking")) {
      for (Stage stage : files.index().stages()) {
        boolean shown = true;
        for (Out out : stage.outs()) {
          shown &= files.files().shownOutputs().shown(files.files().place(out)).isPresent();
        }
        if (shown) {
          untouched.add(stage.id());
          continue;
        }
        for (Out out : stage.outs()) {
          Passages.bringBelow(files.files().place(out));
        }
      }
    }
    return untouched;
  }

  /**
   * Returns whether outputs must really be there, though stages see them anyhow: what persists is
   * written to, files of parameters and those listed one by one are read by the daemon, and a
   * command begins in its working directory before it sees anything.
   */
  private static boolean isReadByUs(Stage stage, StageIndex all) {
    for (Out out : stage.outs()) {
      if (out.persist() || !out.recorded().files().isEmpty() || isLookedInto(out.path(), all)) {
        return true;
      }
    }
    return false;
  }

  private static boolean isLookedInto(String output, StageIndex all) {
    for (Stage stage : all.stages()) {
      if (isIn(stage.workingDirectory(), output)) {
        return true;
      }
      for (ParamsDep params : stage.params()) {
        if (params.place().isInProject() && isIn(params.place().path(), output)) {
          return true;
        }
      }
    }
    return false;
  }

  private static boolean isIn(String path, String directory) {
    return path.equals(directory) || path.startsWith(directory + "/");
  }

  /** The project's cache and remotes are the view's, wherever its files are. */
  private void configure(Path root, Invocation call) throws IOException {
    Project project = session.project();
    Path local = project.dvcDirectory().resolve("config.local");
    if (Files.exists(local)) {
      Files.copy(local, root.resolve(".dvc/config.local"), StandardCopyOption.REPLACE_EXISTING);
    }
    Project view = Project.at(root, call.environment());
    ConfigEdit edit = ConfigEdit.open(view.configFiles(), ConfigLevel.LOCAL);
    edit.set("cache", "dir", Passages.shown(project.cacheDirectory()).toString(), root);
    if (project.config().get("cache", "type").isEmpty()) {
      edit.set("cache", "type", LINKS, root);
    }
    for (String remote : project.config().remoteNames()) {
      String url = project.config().remote(remote).url();
      if (url.startsWith("/")) {
        edit.set("remote." + remote, "url", url, root);
      }
    }
    edit.save(call.umask());
  }
}
