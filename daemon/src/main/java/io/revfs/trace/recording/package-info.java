/**
 * How a record comes about while a run goes on: {@link io.revfs.trace.recording.Recorder} hears
 * what is done, works out the state of each path, and has what was read hashed before it changes;
 * {@link io.revfs.trace.recording.TracedFiles} is where it reads. Knows nothing of how a run is
 * started.
 */
@NullMarked
package io.revfs.trace.recording;

import org.jspecify.annotations.NullMarked;
