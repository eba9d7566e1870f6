/**
 * What DVC's commands do, one class a command, in a subpackage for each area. A {@link
 * io.revfs.command.Command} parses nothing: it is given typed arguments by its {@link
 * io.revfs.command.Invocation} and answers through it. {@link io.revfs.command.Commands} knows them
 * all.
 */
@NullMarked
package io.revfs.command;

import org.jspecify.annotations.NullMarked;
