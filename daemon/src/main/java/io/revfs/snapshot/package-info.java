/**
 * The file tree of a commit ({@link io.revfs.snapshot.Snapshot}): Git's blobs with DVC's outputs in
 * place of their {@code .dvc} and {@code dvc.lock} entries, directories by sorted pages that
 * revisions share. Knows nothing of how a commit is found, or who looks at it.
 */
@NullMarked
package io.revfs.snapshot;

import org.jspecify.annotations.NullMarked;
