package io.revfs.cli.dvc;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The whole table. */
public final class DvcCommands {
  /** The version of DVC whose commands these are; tools ask for it. */
  public static final String VERSION = "3.67.1";

  /** Other names of words that stand before several commands. */
  public static final Map<String, String> GROUP_ALIASES = Map.of("experiments", "exp");

  private DvcCommands() {}

  /** Returns all rows, those out of help too. */
  public static List<DvcCommand> all() {
    List<DvcCommand> all = new ArrayList<>();
    all.addAll(ProjectTable.rows());
    all.addAll(TrackingTable.rows());
    all.addAll(TransferTable.rows());
    all.addAll(PipelineTable.rows());
    all.addAll(TraceTable.rows());
    all.addAll(PlotsTable.rows());
    all.addAll(ExperimentTable.rows());
    return List.copyOf(all);
  }
}
