/**
 * Experiments watched while they run: files in DVCLive's layout, which any script can write, and
 * what the machine is doing. {@link io.revfs.command.experiment.live.LiveWatch} says what is new.
 */
@NullMarked
package io.revfs.command.experiment.live;

import org.jspecify.annotations.NullMarked;
