/**
 * Experiments run: in the work tree, in views beside it, or by the workers of the queue. The daemon
 * prepares, decides and records; commands are run by the command's own process, as its caller.
 */
@NullMarked
package io.revfs.command.experiment.run;

import org.jspecify.annotations.NullMarked;
