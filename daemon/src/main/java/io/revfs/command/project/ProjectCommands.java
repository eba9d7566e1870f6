package io.revfs.command.project;

import io.revfs.command.Command;
import java.util.List;

/** All commands of this area. */
public final class ProjectCommands {
  private ProjectCommands() {}

  /** Returns them. */
  public static List<Command> all() {
    return List.of(new InitCommand(), new RootCommand(), new CheckIgnoreCommand());
  }
}
