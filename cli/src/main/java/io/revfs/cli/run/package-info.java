/**
 * Commands of stages, run by whoever called {@code repro}: as that user, with that environment. A
 * {@link io.revfs.cli.run.StageExecutor} runs them, on this machine or elsewhere.
 */
@NullMarked
package io.revfs.cli.run;

import org.jspecify.annotations.NullMarked;
