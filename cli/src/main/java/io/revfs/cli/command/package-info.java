/**
 * What every command has: {@link io.revfs.cli.command.RevfsCommand}, and options that are declared
 * without reflection.
 */
@NullMarked
package io.revfs.cli.command;

import org.jspecify.annotations.NullMarked;
