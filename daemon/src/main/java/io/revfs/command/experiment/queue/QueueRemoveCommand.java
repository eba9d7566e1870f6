package io.revfs.command.experiment.queue;

import io.revfs.command.Command;
import io.revfs.command.CommandFailure;
import io.revfs.command.Invocation;
import io.revfs.command.experiment.session.ExperimentSession;
import io.revfs.experiment.queue.Task;
import io.revfs.experiment.queue.TaskQueue;
import java.io.IOException;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** {@code queue remove}: forgets tasks that do not run, with their logs and directories. */
final class QueueRemoveCommand implements Command {
  @Override
  public String name() {
    return "queue remove";
  }

  @Override
  public void run(Invocation call) throws IOException {
    Set<Task.State> states = EnumSet.noneOf(Task.State.class);
    add(states, call, "queued", Task.State.QUEUED);
    add(states, call, "success", Task.State.SUCCESS);
    add(states, call, "failed", Task.State.FAILED);
    List<String> names = call.values("task");
    if (states.isEmpty() == names.isEmpty()) {
      throw new CommandFailure(
          "Either provide an `tasks` argument, or use the `--all`, `--queued`, `--failed`,"
              + " `--success` flag.",
          "see: dvc queue status",
          CommandFailure.OTHER);
    }
    try (ExperimentSession session = ExperimentSession.open(call);
        var lock = session.lock()) {
      TaskQueue queue = session.tasks();
      List<Task> chosen = new ArrayList<>(states.isEmpty() ? List.of() : queue.in(states));
      for (String name : names) {
        Optional<Task> task = queue.find(name);
        chosen.add(task.orElseThrow(() -> ExperimentSession.unknown(List.of(name), "")));
      }
      for (Task task : chosen) {
        if (task.state() == Task.State.RUNNING || task.state() == Task.State.FINISHING) {
          throw new CommandFailure(
              "the experiment '%s' is running".formatted(task.name()),
              "end it first: dvc queue kill " + task.name(),
              CommandFailure.OTHER);
        }
      }
      List<String> removed = new ArrayList<>();
      for (Task task : chosen) {
        queue.remove(task);
        removed.add(task.name());
      }
      call.out(
          removed.isEmpty()
              ? "No tasks found."
              : "Removed tasks in queue: " + String.join(", ", removed));
    }
  }

  private static void add(Set<Task.State> states, Invocation call, String flag, Task.State state) {
    if (call.flag(flag) || call.flag("all")) {
      states.add(state);
    }
  }
}
