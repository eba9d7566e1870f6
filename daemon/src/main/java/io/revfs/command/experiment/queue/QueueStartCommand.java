package io.revfs.command.experiment.queue;

import io.revfs.command.Command;
import io.revfs.command.Invocation;
import io.revfs.command.experiment.run.QueueRun;
import io.revfs.command.experiment.session.ExperimentSession;
import io.revfs.experiment.queue.QueueUpkeep;
import io.revfs.experiment.queue.Workers;
import java.io.IOException;

/** {@code queue start}: starts workers, which go on when the command has ended. */
final class QueueStartCommand implements Command {
  private final Workers workers;

  QueueStartCommand(Workers workers) {
    this.workers = workers;
  }

  @Override
  public String name() {
    return "queue start";
  }

  @Override
  public void run(Invocation call) throws IOException {
    try (ExperimentSession session = ExperimentSession.open(call)) {
      int started = new QueueRun(session, workers).start((int) call.number("jobs").orElse(1));
      new QueueUpkeep(session.tasks()).problems().forEach(line -> call.warn("WARNING: " + line));
      call.out(
          "Started '%d' new experiments task queue worker%s."
              .formatted(started, started > 1 ? "s" : ""));
    }
  }
}
