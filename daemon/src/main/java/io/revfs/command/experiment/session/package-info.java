/** What each command on experiments works with, and what is known of a run in the work tree. */
@NullMarked
package io.revfs.command.experiment.session;

import org.jspecify.annotations.NullMarked;
