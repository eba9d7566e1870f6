/**
 * DVC's commands that move objects: {@code push}, {@code fetch}, {@code pull}, and what others ask
 * of remotes.
 */
@NullMarked
package io.revfs.command.transfer;

import org.jspecify.annotations.NullMarked;
