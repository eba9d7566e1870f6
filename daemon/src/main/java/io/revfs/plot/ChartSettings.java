package io.revfs.plot;

import java.util.List;
import java.util.Optional;

/**
 * How a chart is drawn.
 *
 * @param template its name or file; empty for the default one
 * @param title above it
 * @param x the field of the points for the horizontal axis
 * @param y the field for the vertical axis
 * @param series where {@code y} comes from; several if lines of several files or fields are shown
 */
public record ChartSettings(
    Optional<String> template,
    String title,
    String x,
    String y,
    String xLabel,
    String yLabel,
    List<Series> series) {
  public ChartSettings {
    series = List.copyOf(series);
  }

  /**
   * A line of a chart.
   *
   * @param file without what all files of the chart begin with
   */
  public record Series(String file, String field) {}
}
