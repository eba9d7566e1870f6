/**
 * The command line. {@link io.revfs.cli.Main} starts; {@link io.revfs.cli.CommandTree} knows all
 * commands, ours and DVC's, and makes only the one that was called: starting is most of what a
 * short command costs. Nothing below this package knows of it.
 */
@NullMarked
package io.revfs.cli;

import org.jspecify.annotations.NullMarked;
