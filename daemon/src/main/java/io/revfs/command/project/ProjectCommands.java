package io.revfs.command.project;

import io.revfs.command.Command;
import io.revfs.workspace.Workspaces;
import java.util.List;

/** All commands of this area. */
public final class ProjectCommands {
  private ProjectCommands() {}

  /** Returns them. */
  public static List<Command> all(Workspaces workspaces) {
    return List.of(
        new InitCommand(),
        new DestroyCommand(workspaces),
        new RootCommand(),
        new VersionCommand(workspaces),
        new CheckIgnoreCommand());
  }
}
