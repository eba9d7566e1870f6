/** {@code queue}: the experiments that wait, those that run, and who runs them. */
@NullMarked
package io.revfs.command.experiment.queue;

import org.jspecify.annotations.NullMarked;
