/**
 * Parameters and metrics: files of values (YAML, JSON, TOML, constants of Python) read in the work
 * tree or at any revision straight from Git and objects, and compared. {@link
 * io.revfs.metric.Revisions} opens, {@link io.revfs.metric.MetricsReader} and {@link
 * io.revfs.metric.ParamsReader} read, {@link io.revfs.metric.ValueDiff} compares.
 */
@NullMarked
package io.revfs.metric;

import org.jspecify.annotations.NullMarked;
