package io.revfs.command.record;

import io.revfs.command.Command;
import io.revfs.workspace.Workspaces;
import java.util.List;

/** All commands of this area. */
public final class RecordCommands {
  private RecordCommands() {}

  /** Returns them. */
  public static List<Command> all(Workspaces workspaces) {
    return List.of(
        new AddCommand(workspaces),
        new CommitCommand(workspaces),
        new MoveCommand(workspaces),
        new RemoveCommand(workspaces),
        new FreezeCommand(workspaces, true),
        new FreezeCommand(workspaces, false));
  }
}
