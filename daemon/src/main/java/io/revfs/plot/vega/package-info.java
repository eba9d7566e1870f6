/**
 * How charts are drawn: templates of Vega-Lite with anchors ({@code <DVC_METRIC_…>}), those that
 * are built in and people's own, and filling them with the points of a chart.
 */
@NullMarked
package io.revfs.plot.vega;

import org.jspecify.annotations.NullMarked;
