/** The command line. */
@NullMarked
package io.revfs.cli;

import org.jspecify.annotations.NullMarked;
