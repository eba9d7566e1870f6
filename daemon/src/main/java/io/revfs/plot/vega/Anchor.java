package io.revfs.plot.vega;

import java.util.Locale;

/**
 * Places in a template, in DVC's words. Those that are {@code optional} may be absent; those that
 * are {@code split} are left for who shows the chart if the answer is to be in two parts.
 */
enum Anchor {
  COLOR(true, true),
  COLUMN(true, false),
  GROUP_BY_X(true, false),
  GROUP_BY_Y(true, false),
  GROUP_BY(true, false),
  PIVOT_FIELD(true, false),
  PLOT_HEIGHT(true, true),
  PLOT_WIDTH(true, true),
  ROW(true, false),
  SHAPE(true, true),
  STROKE_DASH(true, true),
  TOOLTIP(true, true),
  ZOOM_AND_PAN(true, true),
  TITLE(false, true),
  X(false, false),
  Y(false, false),
  X_LABEL(false, true),
  Y_LABEL(false, true),
  DATA(false, true);

  private final boolean optional;
  private final boolean split;

  Anchor(boolean optional, boolean split) {
    this.optional = optional;
    this.split = split;
  }

  boolean isOptional() {
    return optional;
  }

  boolean isSplit() {
    return split;
  }

  /** Returns what stands in a template. */
  String text() {
    return "<DVC_METRIC_" + name().toUpperCase(Locale.ROOT) + ">";
  }
}
