/** The lists of what is in a directory that DVC tracks: objects whose names end in {@code .dir}. */
@NullMarked
package io.revfs.dvc.manifest;

import org.jspecify.annotations.NullMarked;
