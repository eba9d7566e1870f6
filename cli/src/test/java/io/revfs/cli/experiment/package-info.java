/** Experiments as people run them: whole processes, which may be killed at any time. */
@NullMarked
package io.revfs.cli.experiment;

import org.jspecify.annotations.NullMarked;
