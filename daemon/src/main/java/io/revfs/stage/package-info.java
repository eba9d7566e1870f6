/**
 * The stages of a project: every {@code .dvc} file and every stage of every {@code dvc.yaml} with
 * what {@code dvc.lock} remembers of it, read from the work tree or from a commit. {@link
 * io.revfs.stage.StageLoader} reads, {@link io.revfs.stage.StageIndex} is what there is, {@link
 * io.revfs.stage.StageGraph} says who needs whom, {@link io.revfs.stage.Targets} understands what a
 * person typed. Nothing here is hashed or run.
 */
@NullMarked
package io.revfs.stage;

import org.jspecify.annotations.NullMarked;
