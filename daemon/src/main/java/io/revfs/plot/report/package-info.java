/**
 * Plots for people: a page that opens without a network, and drawings of charts. {@link
 * io.revfs.plot.report.Report} is what both are made of.
 */
@NullMarked
package io.revfs.plot.report;

import org.jspecify.annotations.NullMarked;
