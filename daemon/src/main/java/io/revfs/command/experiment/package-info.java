/**
 * {@code exp}: experiments run, saved, compared, applied, shared. {@link
 * io.revfs.command.experiment.ExperimentSession} is what each command works with.
 */
@NullMarked
package io.revfs.command.experiment;

import org.jspecify.annotations.NullMarked;
