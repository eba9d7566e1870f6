/**
 * Plots as DVC knows them. {@link io.revfs.plot.PlotReader} finds what {@code dvc.yaml} files,
 * outputs and targets define, reads their data at any revision straight from Git and objects, and
 * puts what several revisions say into one {@link io.revfs.plot.Plot} each. How a chart is drawn
 * says {@link io.revfs.plot.vega}, pages that show it are written by {@link io.revfs.plot.report}.
 */
@NullMarked
package io.revfs.plot;

import org.jspecify.annotations.NullMarked;
