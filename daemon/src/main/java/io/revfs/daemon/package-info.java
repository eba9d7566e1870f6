/** The daemon as a process: {@link io.revfs.daemon.DaemonMain} starts it. */
@NullMarked
package io.revfs.daemon;

import org.jspecify.annotations.NullMarked;
