package io.revfs.command.transfer;

import io.revfs.command.Command;
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
   */
  public static List<Command> all(
      Workspaces workspaces, RemoteLimits limits, Optional<ObjectSource> nearer) {
    return List.of(
        new PushCommand(workspaces, limits),
        new FetchCommand(workspaces, limits, nearer),
        new PullCommand(workspaces, limits, nearer),
        new GcCommand(workspaces, limits));
  }
}
