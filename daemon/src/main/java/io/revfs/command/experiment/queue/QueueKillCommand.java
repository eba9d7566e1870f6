package io.revfs.command.experiment.queue;

import io.revfs.command.Command;
import io.revfs.command.CommandFailure;
import io.revfs.command.Invocation;
import io.revfs.command.experiment.session.ExperimentSession;
import io.revfs.experiment.queue.Task;
import io.revfs.experiment.queue.TaskQueue;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** {@code queue kill}: ends tasks that run; they count as failed. */
final class QueueKillCommand implements Command {
  @Override
  public String name() {
    return "queue kill";
  }

  @Override
  public void run(Invocation call) throws IOException {
    try (ExperimentSession session = ExperimentSession.open(call)) {
      TaskQueue queue = session.tasks();
      List<Task> active = queue.active();
      List<String> unknown = new ArrayList<>();
      for (String name : call.values("task")) {
        Optional<Task> task =
            active.stream()
                .filter(
                    one ->
                        one.name().equals(name)
                            || (name.length() >= 4 && one.id().startsWith(name)))
                .findFirst();
        if (task.isPresent() && Kills.kill(call, queue, task.get(), call.flag("force"))) {
          call.out(name + " has been killed.");
        } else {
          unknown.add(name);
        }
      }
      if (!unknown.isEmpty()) {
        throw new CommandFailure(
            "'%s' is not a valid running experiment name".formatted(String.join("; ", unknown)),
            "see: dvc queue status",
            CommandFailure.OTHER);
      }
    }
  }
}
