package io.revfs.command.experiment.queue;

import io.revfs.command.Command;
import io.revfs.experiment.queue.Workers;
import java.util.List;

/** All commands of this area. */
public final class QueueCommands {
  private QueueCommands() {}

  /** Returns them. */
  public static List<Command> all(Workers workers) {
    return List.of(
        new QueueStartCommand(workers),
        new QueueStopCommand(workers),
        new QueueStatusCommand(workers),
        new QueueLogsCommand(),
        new QueueRemoveCommand(),
        new QueueKillCommand());
  }
}
