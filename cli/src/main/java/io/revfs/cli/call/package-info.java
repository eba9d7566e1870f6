/**
 * DVC's commands as they are called: {@link io.revfs.cli.call.DvcCall} runs any row of the tables
 * in {@link io.revfs.cli.dvc}.
 */
@NullMarked
package io.revfs.cli.call;

import org.jspecify.annotations.NullMarked;
