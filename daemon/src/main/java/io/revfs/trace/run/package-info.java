/**
 * How a run is recorded: {@link io.revfs.trace.run.TracedRuns} begins one, and says what its
 * command is to be started by; a session of its own, in a mount name space of its own, hears what
 * it does.
 */
@NullMarked
package io.revfs.trace.run;

import org.jspecify.annotations.NullMarked;
