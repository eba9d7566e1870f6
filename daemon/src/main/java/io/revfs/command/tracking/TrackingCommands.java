package io.revfs.command.tracking;

import io.revfs.command.Command;
import io.revfs.workspace.Workspaces;
import java.util.List;

/** All commands of this area. */
public final class TrackingCommands {
  private TrackingCommands() {}

  /**
   * Returns them.
   *
   * @param dependencies knows dependencies that are no files here
   * @param explainer says what {@code repro} would do
   */
  public static List<Command> all(
      Workspaces workspaces,
      DepStatuses dependencies,
      RemoteData remotes,
      StageExplainer explainer) {
    return List.of(
        new StatusCommand(workspaces, remotes, dependencies, explainer),
        new DataStatusCommand(workspaces, remotes),
        new DiffCommand(workspaces),
        new CheckoutCommand(workspaces),
        new UnprotectCommand(workspaces));
  }
}
