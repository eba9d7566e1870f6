package io.revfs.command.pipeline;

import io.revfs.command.Command;
import io.revfs.metric.Revisions;
import java.util.List;

/** All commands of this area. */
public final class PipelineCommands {
  private PipelineCommands() {}

  /** Returns them; {@code revisions} opens projects at revisions. */
  public static List<Command> all(Revisions revisions) {
    return List.of(
        new StageListCommand(),
        new DagCommand(),
        new MetricsShowCommand(revisions),
        new ValueDiffCommand(revisions, true),
        new ValueDiffCommand(revisions, false));
  }
}
