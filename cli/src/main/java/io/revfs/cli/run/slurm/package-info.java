/**
 * Stages as jobs of Slurm, by its own commands ({@code sbatch}, {@code squeue}, {@code scontrol},
 * {@code scancel}): {@link io.revfs.cli.run.slurm.SlurmExecutor}. The project must be on a file
 * system that the nodes have at the same path.
 */
@NullMarked
package io.revfs.cli.run.slurm;

import org.jspecify.annotations.NullMarked;
