/**
 * The attached working copy: a mount that lies over a checkout, passes through what is below, and
 * shows the outputs that {@code .dvc} files and {@code dvc.lock} name and that are absent below.
 * The entry is {@link io.revfs.workingcopy.WorkingCopy}; the tree is {@link
 * io.revfs.workingcopy.WorkingTree}. {@link io.revfs.workingcopy.UnmountedCopies} shows the same to
 * recorded runs only.
 */
@NullMarked
package io.revfs.workingcopy;

import org.jspecify.annotations.NullMarked;
