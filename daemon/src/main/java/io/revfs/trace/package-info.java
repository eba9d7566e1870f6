/**
 * What runs did with files. {@link io.revfs.trace.Recorder} hears of it while a run goes on, {@link
 * io.revfs.trace.Trace} is the finished record, {@link io.revfs.trace.TraceStore} keeps them, and
 * {@link io.revfs.trace.Lineage} follows them from file to file. Knows nothing of how a run is
 * started.
 */
@NullMarked
package io.revfs.trace;

import org.jspecify.annotations.NullMarked;
