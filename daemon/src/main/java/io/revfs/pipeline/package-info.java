/**
 * Running stages: the history of runs in the cache, by which a stage's outputs come back without
 * running it again. What stages are is known by {@link io.revfs.stage}; how they are recorded, by
 * {@link io.revfs.dvc}.
 */
@NullMarked
package io.revfs.pipeline;

import org.jspecify.annotations.NullMarked;
