package io.revfs.command.transfer;

import io.revfs.command.Command;
import io.revfs.command.repro.ReproCommand;
import io.revfs.workspace.Workspaces;
import java.util.List;

/** All commands of this area. */
public final class TransferCommands {
  private TransferCommands() {}

  /** Returns them. */
  public static List<Command> all(Workspaces workspaces, FetchSources sources) {
    return List.of(
        new PushCommand(workspaces, sources.limits()),
        new FetchCommand(workspaces, sources),
        new PullCommand(workspaces, sources),
        new GcCommand(workspaces, sources.limits()));
  }

  /** Returns what brings what stages lack while another command runs. */
  public static ReproCommand.Pulls pulls(FetchSources sources) {
    return new ReproPulls(sources);
  }
}
