package io.revfs.command.experiment;

import io.revfs.command.experiment.session.ExperimentSession;
import io.revfs.command.experiment.session.WorkspaceRun;
import io.revfs.experiment.ExperimentCollector;
import io.revfs.experiment.ExperimentRef;
import io.revfs.experiment.ExperimentRow;
import io.revfs.experiment.ExperimentState;
import io.revfs.experiment.ExperimentValues;
import io.revfs.experiment.queue.Task;
import io.revfs.experiment.queue.TaskQueue;
import io.revfs.metric.Revision;
import io.revfs.metric.Revisions;
import io.revfs.stage.target.ProjectStages;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;

/** Experiments that are not finished, or failed, as rows of a table; and who ran the others. */
final class QueueRows {
  private static final String PLACE = "dvc-task"; // what DVC calls its own queue

  private final ExperimentSession session;
  private final ExperimentCollector collector;
  private final Revisions revisions;
  private final TaskQueue queue;
  private final List<Task> tasks = new ArrayList<>();
  private final Map<ExperimentRef, Task> succeeded = new LinkedHashMap<>();

  /** {@code baselines}: only of experiments that began with one of them. */
  QueueRows(
      ExperimentSession session,
      ExperimentCollector collector,
      Revisions revisions,
      Set<String> baselines)
      throws IOException {
    this.session = session;
    this.collector = collector;
    this.revisions = revisions;
    this.queue = session.tasks();
    for (Task task : queue.all()) {
      if (baselines.contains(task.baseline()) && session.git().resolve(task.id()).isPresent()) {
        tasks.add(task);
        if (task.state() == Task.State.SUCCESS) {
          succeeded.put(task.experiment(), task);
        }
      }
    }
  }

  /** Returns the stashed commits that rows are made of. */
  List<String> commits() {
    return tasks.stream().filter(task -> task.state() != Task.State.SUCCESS).map(Task::id).toList();
  }

  /** Returns who ran a finished experiment, if the queue did. */
  Optional<ExperimentRow.Executor> executor(ExperimentRef experiment) {
    Task task = succeeded.get(experiment);
    return task == null
        ? Optional.empty()
        : Optional.of(
            executor(task, ExperimentRow.Outcome.SUCCESS, Optional.of(PLACE), OptionalInt.of(0)));
  }

  private ExperimentRow.Executor executor(
      Task task, ExperimentRow.Outcome outcome, Optional<String> place, OptionalInt exit) {
    Path log = queue.log(task.id());
    return new ExperimentRow.Executor(
        outcome,
        place,
        Optional.ofNullable(task.directory()),
        Files.exists(log) ? Optional.of(log.toString()) : Optional.empty(),
        task.pid() > 0 ? OptionalLong.of(task.pid()) : OptionalLong.empty(),
        exit,
        Optional.of(task.id()));
  }

  /** Returns those that run aside of the work tree, and the one that runs in it. */
  List<ExperimentRow> running(String baseline) throws IOException {
    List<ExperimentRow> rows = new ArrayList<>();
    Optional<WorkspaceRun> here = WorkspaceRun.read(session.project());
    if (here.isPresent() && here.get().baseline().equals(baseline)) {
      rows.add(
          new ExperimentRow(
              collector.workspace().named(Optional.of(here.get().name())),
              Optional.of(here.get().executor()),
              here.get().name()));
    }
    for (Task task : tasks) {
      boolean runs = task.state() == Task.State.RUNNING || task.state() == Task.State.FINISHING;
      if (runs && task.baseline().equals(baseline)) {
        rows.add(
            new ExperimentRow(
                inView(task),
                Optional.of(
                    executor(
                        task,
                        ExperimentRow.Outcome.RUNNING,
                        Optional.of(PLACE),
                        OptionalInt.empty())),
                task.name()));
      }
    }
    return rows;
  }

  /** What a task's directory holds now: steps and metrics as they come. */
  private ExperimentState inView(Task task) {
    ExperimentState state =
        new ExperimentState(
            task.id(),
            Optional.of(task.name()),
            Optional.empty(),
            Optional.empty(),
            Optional.empty());
    Optional<Path> directory = task.place();
    if (directory.isEmpty()) {
      return state;
    }
    try {
      Path root = directory.get().resolve(session.projectInGit());
      ProjectStages there = ProjectStages.find(root, session.call().environment());
      Revision now = revisions.workspace(there, problem -> {});
      return new ExperimentState(
          task.id(),
          state.name(),
          Optional.empty(),
          Optional.of(ExperimentValues.of(now, session.call().flag("param-deps"))),
          Optional.empty());
    } catch (IOException e) {
      return state; // it is being made, or being removed
    }
  }

  /** Returns those that wait. */
  List<ExperimentRow> queued(String baseline, Map<String, ExperimentState> states) {
    List<ExperimentRow> rows = new ArrayList<>();
    for (Task task : tasks) {
      if (task.state() == Task.State.QUEUED && task.baseline().equals(baseline)) {
        ExperimentState state = ExpShowCommand.state(states, task.id());
        ExperimentRow.Executor executor =
            new ExperimentRow.Executor(
                ExperimentRow.Outcome.QUEUED,
                Optional.of(PLACE),
                Optional.empty(),
                Optional.empty(),
                OptionalLong.empty(),
                OptionalInt.empty(),
                Optional.of(task.id()));
        rows.add(new ExperimentRow(notRun(task, state), Optional.of(executor), task.name()));
      }
    }
    return rows;
  }

  private static ExperimentState notRun(Task task, ExperimentState state) {
    return new ExperimentState(
        task.id(),
        Optional.of(task.name()),
        state.time(),
        state.values().map(ExperimentValues::withoutMetrics),
        state.error());
  }

  /** Returns those that failed. */
  List<ExperimentRow> failed(String baseline, Map<String, ExperimentState> states) {
    List<ExperimentRow> rows = new ArrayList<>();
    for (Task task : tasks) {
      if (task.state() == Task.State.FAILED && task.baseline().equals(baseline)) {
        ExperimentState state = ExpShowCommand.state(states, task.id());
        Map<String, String> error = new LinkedHashMap<>();
        error.put("msg", "Experiment run failed" + task.why().map(why -> ": " + why).orElse(""));
        error.put("type", "");
        rows.add(
            new ExperimentRow(
                new ExperimentState(
                    task.id(),
                    Optional.of(task.name()),
                    state.time(),
                    state.values(),
                    Optional.of(error)),
                Optional.of(
                    executor(
                        task, ExperimentRow.Outcome.FAILED, Optional.empty(), OptionalInt.of(1))),
                task.name()));
      }
    }
    return rows;
  }
}
