package io.revfs.plot;

import java.util.List;

/**
 * Plots that were asked for.
 *
 * @param plots in the order of their definitions
 * @param problems of revisions as a whole
 * @param incomplete the revisions of which something lacks
 */
public record PlotSet(List<Plot> plots, List<PlotProblem> problems, List<String> incomplete) {
  public PlotSet {
    plots = List.copyOf(plots);
    problems = List.copyOf(problems);
    incomplete = List.copyOf(incomplete);
  }
}
