package io.revfs.experiment;

import java.util.List;

/** A commit, or the work tree, and the experiments that began with it. */
public record BaselineRow(ExperimentState state, List<ExperimentRow> experiments) {
  public BaselineRow {
    experiments = List.copyOf(experiments);
  }
}
