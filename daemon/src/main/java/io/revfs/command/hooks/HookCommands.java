package io.revfs.command.hooks;

import io.revfs.command.Command;
import io.revfs.command.Commands;
import io.revfs.workspace.Workspaces;
import java.util.Collection;
import java.util.List;

/** All commands of this area. */
public final class HookCommands {
  private HookCommands() {}

  /**
   * Returns them.
   *
   * @param others where hooks find the commands that they run
   */
  public static List<Command> all(Workspaces workspaces, Collection<? extends Command> others) {
    Commands commands = new Commands(others);
    return List.of(
        new InstallCommand(),
        new HookCommand("pre-commit", commands.named("status").orElseThrow()),
        new HookCommand("post-checkout", commands.named("checkout").orElseThrow()),
        new HookCommand("pre-push", commands.named("push").orElseThrow()),
        new MergeDriverCommand(workspaces));
  }
}
