/**
 * {@code exp run -S}: overrides of parameters in Hydra's grammar, their application to files of
 * parameters, and the composition of parameters out of a directory of configurations.
 */
@NullMarked
package io.revfs.experiment.override;

import org.jspecify.annotations.NullMarked;
