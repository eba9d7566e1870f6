/**
 * {@code dvc.yaml}: its schema, its templating, the expansion of {@code foreach} and {@code
 * matrix}. Entry: {@link io.revfs.dvc.pipeline.PipelineFile}.
 */
@NullMarked
package io.revfs.dvc.pipeline;

import org.jspecify.annotations.NullMarked;
