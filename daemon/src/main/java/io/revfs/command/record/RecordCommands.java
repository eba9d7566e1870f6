package io.revfs.command.record;

import io.revfs.command.Command;
import io.revfs.workspace.Workspaces;
import java.util.List;

/** All commands of this area. */
public final class RecordCommands {
  private RecordCommands() {}

  /**
   * Returns them.
   *
   * @param stores says what is in stores
   * @param elsewhere brings data that is to be tracked here
   */
  public static List<Command> all(Workspaces workspaces, StoreStates stores, Elsewhere elsewhere) {
    return List.of(
        new AddCommand(workspaces, elsewhere),
        new CommitCommand(workspaces, stores),
        new CacheMigrateCommand(workspaces, stores),
        new MoveCommand(workspaces),
        new RemoveCommand(workspaces),
        new FreezeCommand(workspaces, true),
        new FreezeCommand(workspaces, false));
  }
}
