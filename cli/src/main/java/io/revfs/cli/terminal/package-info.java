/**
 * What a person sees: lines, JSON and bytes on standard output, progress on standard error, and
 * errors with what to do and an exit code. Knows nothing of the daemon.
 */
@NullMarked
package io.revfs.cli.terminal;

import org.jspecify.annotations.NullMarked;
