package io.revfs.command.experiment.session;

import io.revfs.experiment.ExperimentRow;
import io.revfs.experiment.queue.celery.ExecutorInfo;
import io.revfs.experiment.queue.celery.RunNotes;
import io.revfs.project.FileTrees;
import io.revfs.project.Project;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;

/**
 * What is known of the experiment that runs in the work tree, in DVC's own files: each shows what
 * the other runs, and editors know whom to stop.
 *
 * @param pid of the process that runs its commands
 */
public record WorkspaceRun(String name, String baseline, String root, long pid) {
  private static final String NAME = "workspace";

  private static RunNotes notes(Project project) throws IOException {
    return new RunNotes(project.tmp().resolve("exps"));
  }

  /** Notes that it runs, until the returned thing is closed. */
  public Closeable note(Project project, Path top) throws IOException {
    RunNotes notes = notes(project);
    notes.write(
        NAME,
        new ExecutorInfo(
            baseline,
            NAME,
            top,
            top.relativize(project.dvcDirectory()).toString(),
            name,
            top.relativize(project.root()).toString(),
            null,
            null,
            false,
            ExecutorInfo.Status.RUNNING));
    notes.write(NAME, new RunNotes.Runner(pid, OptionalInt.empty()));
    return () -> FileTrees.remove(notes.directory(NAME));
  }

  /** Returns the one that runs; empty if none does. */
  public static Optional<WorkspaceRun> read(Project project) {
    try {
      RunNotes notes = notes(project);
      Optional<RunNotes.Runner> runner = notes.runner(NAME);
      Optional<ExecutorInfo> info = notes.read(NAME);
      boolean runs =
          runner.isPresent()
              && info.isPresent()
              && info.get().status().compareTo(ExecutorInfo.Status.SUCCESS) < 0
              && ProcessHandle.of(runner.get().pid()).filter(ProcessHandle::isAlive).isPresent();
      return runs
          ? Optional.of(
              new WorkspaceRun(
                  info.get().name(),
                  info.get().baseline(),
                  info.get().root().toString(),
                  runner.get().pid()))
          : Optional.empty();
    } catch (IOException e) {
      return Optional.empty(); // it has just ended
    }
  }

  /** Returns who runs it. */
  public ExperimentRow.Executor executor() {
    return new ExperimentRow.Executor(
        ExperimentRow.Outcome.RUNNING,
        Optional.of(NAME),
        Optional.of(root),
        Optional.empty(),
        OptionalLong.of(pid),
        OptionalInt.empty(),
        Optional.empty());
  }
}
