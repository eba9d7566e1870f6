package io.revfs.command.trace;

import io.revfs.command.Command;
import io.revfs.trace.run.TracedRuns;
import java.util.List;

/** All commands of this area. */
public final class TraceCommands {
  private TraceCommands() {}

  /** Returns them. */
  public static List<Command> all(TracedRuns runs) {
    return List.of(
        new RunCommand(runs),
        new TraceListCommand(runs.store()),
        new TraceShowCommand(runs.store()),
        new TraceDiffCommand(runs.store()),
        new WhyCommand(runs),
        new UsesCommand(runs));
  }
}
