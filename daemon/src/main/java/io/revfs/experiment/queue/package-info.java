/**
 * Experiments that wait to be run, are run, or were run aside of the work tree. Each is a file of
 * its own, written whole each time, and a commit in the log of DVC's stash: whatever dies, they are
 * there.
 */
@NullMarked
package io.revfs.experiment.queue;

import org.jspecify.annotations.NullMarked;
