package io.revfs.command.plots;

import io.revfs.command.Command;
import io.revfs.metric.Revisions;
import io.revfs.plot.PlotMemory;
import io.revfs.plot.PlotReader;
import io.revfs.workspace.Workspaces;
import java.util.List;

/** All commands of this area. */
public final class PlotsCommands {
  private PlotsCommands() {}

  /**
   * Returns them.
   *
   * @param revisions opens projects at revisions
   * @param workspaces opens what is changed
   */
  public static List<Command> all(Revisions revisions, Workspaces workspaces) {
    PlotReader reader = new PlotReader(revisions, new PlotMemory());
    return List.of(
        new PlotsShowCommand(revisions, reader, false),
        new PlotsShowCommand(revisions, reader, true),
        new PlotsModifyCommand(workspaces),
        new PlotsTemplatesCommand());
  }
}
