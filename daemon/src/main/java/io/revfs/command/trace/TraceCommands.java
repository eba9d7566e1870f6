package io.revfs.command.trace;

import io.revfs.command.Command;
import io.revfs.command.Commands;
import io.revfs.trace.run.TracedRuns;
import io.revfs.workspace.Workspaces;
import java.util.List;

/** All commands of this area. */
public final class TraceCommands {
  private TraceCommands() {}

  /**
   * Returns them.
   *
   * @param others {@code stage add} and {@code commit} among them
   */
  public static List<Command> all(TracedRuns runs, Workspaces workspaces, List<Command> others) {
    return List.of(
        new RunCommand(runs, workspaces, new Commands(others)),
        new TraceListCommand(runs.store()),
        new TraceShowCommand(runs.store()),
        new TraceDiffCommand(runs.store()),
        new WhyCommand(runs),
        new UsesCommand(runs));
  }
}
