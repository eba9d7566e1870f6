/** {@code exp}: experiments run, saved, compared, applied, shared. */
@NullMarked
package io.revfs.command.experiment;

import org.jspecify.annotations.NullMarked;
