/** Which of a session's threads read requests, and how they wait for them. */
@NullMarked
package io.revfs.fuse.kernel.turn;

import org.jspecify.annotations.NullMarked;
