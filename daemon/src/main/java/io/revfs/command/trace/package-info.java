/** Recorded runs: {@code run}, and what can be asked of their traces. */
@NullMarked
package io.revfs.command.trace;

import org.jspecify.annotations.NullMarked;
