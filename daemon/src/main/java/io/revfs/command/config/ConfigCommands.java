package io.revfs.command.config;

import io.revfs.command.Command;
import java.util.List;

/** All commands of this area. */
public final class ConfigCommands {
  private ConfigCommands() {}

  /** Returns them. */
  public static List<Command> all() {
    return List.of(
        new ConfigCommand(),
        new CacheDirCommand(),
        new RemoteAddCommand(),
        new RemoteDefaultCommand(),
        new RemoteListCommand(),
        new RemoteModifyCommand(),
        new RemoteRemoveCommand(),
        new RemoteRenameCommand());
  }
}
