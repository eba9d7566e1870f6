/**
 * The file tree of a commit: Git's blobs with DVC's outputs in place of their {@code .dvc} and
 * {@code dvc.lock} entries, directories by sorted pages that revisions share.
 */
@NullMarked
package io.revfs.snapshot;

import org.jspecify.annotations.NullMarked;
