package io.revfs.command.experiment.run;

import io.revfs.command.CommandFailure;
import io.revfs.command.Invocation;
import io.revfs.command.experiment.ExperimentSession;
import io.revfs.command.repro.ReproCommand;
import io.revfs.experiment.ExperimentHash;
import io.revfs.experiment.queue.Task;
import io.revfs.experiment.queue.Views;
import io.revfs.experiment.queue.celery.ReproArguments;
import io.revfs.git.GitCaller;
import io.revfs.project.ConfigEdit;
import io.revfs.project.ConfigLevel;
import io.revfs.project.Project;
import io.revfs.stage.Out;
import io.revfs.stage.ParamsDep;
import io.revfs.stage.Stage;
import io.revfs.stage.StageIndex;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;

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
        Views.delete(view);
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
      copy(session.project().root().resolve(path), root.resolve(path));
    }
    Path directory = root.resolve(task.from());
    if (!Files.isDirectory(directory)) {
      throw new CommandFailure(
          "the directory '%s' is not in the experiment's commit".formatted(task.from()),
          "run it from the project's root",
          CommandFailure.OTHER);
    }
    call.out("Reproducing experiment '%s'".formatted(task.name()));
    Map<String, Object> ran;
    Optional<Closeable> shown = show(task, call, view, own);
    try (Closeable end = shown.orElse(() -> {})) {
      ran = reproduce(task, call.in(directory), root, shown.isPresent());
    }
    String given = task.message();
    String message = given == null ? ExperimentHash.message(ran) : given;
    GitCaller git = session.caller().over(view, session.git().gitDirectory());
    return new ExperimentCommit(git, Optional.of(own.resolve("index")))
        .make(Project.at(root, call.environment()), task.head(), message, Set.of());
  }

  /** Shows the data in the view, if that can be and who runs the stages would see it. */
  private Optional<Closeable> show(Task task, Invocation call, Path view, Path own)
      throws IOException {
    boolean elsewhere = "slurm".equals(task.arguments().get(EXECUTOR));
    if (elsewhere || isDry(task) || tools.views().isEmpty()) {
      return Optional.empty();
    }
    return tools.views().get().show(call, view, session.caller().directory(), own);
  }

  private static boolean isDry(Task task) {
    return Boolean.TRUE.equals(task.arguments().get("dry"));
  }

  /** Runs the stages; what was recorded of them is kept whether or not they go well. */
  private Map<String, Object> reproduce(Task task, Invocation call, Path root, boolean shown)
      throws IOException {
    Map<String, String> variables =
        new LinkedHashMap<>(ExpRunCommand.variables(session, task.experiment()));
    variables.put(MARK, task.id());
    Map<String, Object> arguments = new LinkedHashMap<>(task.arguments());
    arguments.put(ReproCommand.TRACED, shown);
    Invocation there = call.withArguments(arguments).withRunVariables(variables);
    if (!isDry(task)) {
      ExpRunCommand.bring(tools, there, shown ? ViewRun::isReadByUs : ExpRunCommand.Wanted.ALL);
    }
    List<String> traces = new CopyOnWriteArrayList<>();
    try {
      return ReproOfExperiment.run(tools.repro(), there, root, traces::add);
    } finally {
      if (shown) {
        Uninterrupted.run(
            () ->
                session
                    .tasks()
                    .traces()
                    .keep(task.experiment(), tools.views().orElseThrow().traces(traces)));
      }
    }
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
    edit.set("cache", "dir", project.cacheDirectory().toString(), root);
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

  private static void copy(Path from, Path to) throws IOException {
    if (!Files.exists(from)) {
      throw new CommandFailure(
          "Unable to copy '%s'. It is not a file or directory.".formatted(from),
          "correct --copy-paths",
          CommandFailure.OTHER);
    }
    Files.createDirectories(to.resolveSibling(""));
    Files.walkFileTree(
        from,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult preVisitDirectory(Path at, BasicFileAttributes attributes)
              throws IOException {
            Files.createDirectories(to.resolve(from.relativize(at).toString()));
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            Files.copy(
                file,
                to.resolve(from.relativize(file).toString()),
                StandardCopyOption.REPLACE_EXISTING,
                StandardCopyOption.COPY_ATTRIBUTES);
            return FileVisitResult.CONTINUE;
          }
        });
  }
}
