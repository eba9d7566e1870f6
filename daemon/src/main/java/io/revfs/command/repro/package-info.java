/**
 * {@code repro}: which stages must run is decided by {@link io.revfs.command.repro.StageChanges},
 * in the order of {@link io.revfs.command.repro.ReproOrder}; one of them is run, or brought back
 * from the history of runs, by {@link io.revfs.command.repro.StageRun}. The command of a stage is
 * run by the caller's process.
 */
@NullMarked
package io.revfs.command.repro;

import org.jspecify.annotations.NullMarked;
