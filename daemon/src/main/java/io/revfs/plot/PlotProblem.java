package io.revfs.plot;

import io.revfs.metric.ErrorNames;
import java.io.IOException;

/**
 * Why a plot lacks something.
 *
 * @param revision as it was asked for
 * @param source the file; empty if it is no single file's
 * @param type DVC's name of the error
 * @param message one line
 */
public record PlotProblem(String revision, String source, String type, String message) {
  static PlotProblem of(String revision, String source, IOException e) {
    String type = e instanceof PlotException plot ? plot.type() : ErrorNames.of(source, e);
    return new PlotProblem(revision, source, type, String.valueOf(e.getMessage()));
  }
}
