/**
 * The file trees of commits: Git's blobs with DVC's outputs in place of their {@code .dvc} and
 * {@code dvc.lock} entries; and {@link io.revfs.snapshot.RevisionTree}, which shows all of a
 * repository's revisions as one {@link io.revfs.fuse.FileTree}.
 */
@NullMarked
package io.revfs.snapshot;

import org.jspecify.annotations.NullMarked;
