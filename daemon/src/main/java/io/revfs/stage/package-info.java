/**
 * The stages of a project: every {@code .dvc} file and every stage of every {@code dvc.yaml} with
 * what {@code dvc.lock} remembers of it. {@link io.revfs.stage.StageLoader} reads them from a
 * {@link io.revfs.stage.view.FileView}, {@link io.revfs.stage.StageIndex} is what there is, {@link
 * io.revfs.stage.StageGraph} says who needs whom. Nothing here is hashed or run, and what a person
 * typed is understood above, in {@link io.revfs.stage.target}.
 */
@NullMarked
package io.revfs.stage;

import org.jspecify.annotations.NullMarked;
