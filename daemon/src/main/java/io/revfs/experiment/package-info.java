/**
 * Experiments as DVC keeps them: commits that no branch leads to, under refs that name the commit
 * they began with. {@link io.revfs.experiment.ExperimentRefs} finds, names and removes them, {@link
 * io.revfs.experiment.Baselines} says which commits are asked for, {@link
 * io.revfs.experiment.ExperimentValues} what a commit holds that people compare, {@link
 * io.revfs.experiment.ExperimentTable} puts that side by side.
 */
@NullMarked
package io.revfs.experiment;

import org.jspecify.annotations.NullMarked;
