/**
 * What runs did with files, as it is remembered: {@link io.revfs.trace.Trace} is the finished
 * record of one, {@link io.revfs.trace.TraceStore} keeps them, and {@link io.revfs.trace.Lineage}
 * follows them from file to file. Knows nothing of how a record comes about.
 */
@NullMarked
package io.revfs.trace;

import org.jspecify.annotations.NullMarked;
