/**
 * DVC's commands as a table: names, options and positional arguments. What they do is the daemon's;
 * {@code DvcCall} runs any of them.
 */
@NullMarked
package io.revfs.cli.dvc;

import org.jspecify.annotations.NullMarked;
