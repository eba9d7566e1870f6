package io.revfs.command.experiment.queue;

import io.revfs.command.Command;
import io.revfs.command.Invocation;
import io.revfs.command.experiment.session.ExperimentSession;
import io.revfs.experiment.queue.Task;
import io.revfs.experiment.queue.TaskQueue;
import io.revfs.experiment.queue.Workers;
import java.io.IOException;

/** {@code queue stop}: lets workers end. */
final class QueueStopCommand implements Command {
  private final Workers workers;

  QueueStopCommand(Workers workers) {
    this.workers = workers;
  }

  @Override
  public String name() {
    return "queue stop";
  }

  @Override
  public void run(Invocation call) throws IOException {
    try (ExperimentSession session = ExperimentSession.open(call)) {
      workers.stop(session.project().root());
      if (!call.flag("kill")) {
        call.out("Queue workers will stop after running tasks finish.");
        return;
      }
      TaskQueue queue = session.tasks();
      for (Task task : queue.active()) {
        var unused = Kills.kill(call, queue, task, true);
      }
      call.out("All running tasks in the queue have been killed. Queue workers are stopping.");
    }
  }
}
