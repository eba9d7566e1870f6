/**
 * The command line. {@link io.revfs.cli.Main} starts; each command speaks to the daemon through
 * {@link io.revfs.cli.Client}.
 */
@NullMarked
package io.revfs.cli;

import org.jspecify.annotations.NullMarked;
