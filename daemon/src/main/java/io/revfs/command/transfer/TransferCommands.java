package io.revfs.command.transfer;

import io.revfs.command.Command;
import io.revfs.command.repro.ReproCommand;
import io.revfs.object.ObjectSource;
import io.revfs.remote.RemoteLimits;
import io.revfs.workspace.Workspaces;
import java.util.List;
import java.util.Optional;

/** All commands of this area. */
public final class TransferCommands {
  private TransferCommands() {}

  /**
   * Returns them.
   *
   * @param nearer local objects that need not come from a remote
   * @param imports brings what imports hold
   */
  public static List<Command> all(
      Workspaces workspaces,
      RemoteLimits limits,
      Optional<ObjectSource> nearer,
      FetchedImports imports) {
    return List.of(
        new PushCommand(workspaces, limits),
        new FetchCommand(workspaces, limits, nearer, imports),
        new PullCommand(workspaces, limits, nearer, imports),
        new GcCommand(workspaces, limits));
  }

  /** Returns what brings the outputs of stages while another command runs. */
  public static ReproCommand.Pulls pulls(
      RemoteLimits limits, Optional<ObjectSource> nearer, FetchedImports imports) {
    return (session, stages) -> PullCommand.pull(session, limits, nearer, imports, stages);
  }
}
