/**
 * Git repositories with DVC's data ({@link io.revfs.repository.DataRepository}): revisions by name,
 * their snapshots, and where bytes lie. Knows nothing of mounts and work trees.
 */
@NullMarked
package io.revfs.repository;

import org.jspecify.annotations.NullMarked;
