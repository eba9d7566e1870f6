/** Commands that record the data of a work tree in {@code .dvc} files. */
@NullMarked
package io.revfs.command.record;

import org.jspecify.annotations.NullMarked;
