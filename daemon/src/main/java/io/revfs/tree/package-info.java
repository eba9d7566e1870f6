/**
 * {@link io.revfs.tree.RevisionTree}: all revisions of a repository as one {@link
 * io.revfs.fuse.FileTree}, with nodes that outlive the daemon.
 */
@NullMarked
package io.revfs.tree;

import org.jspecify.annotations.NullMarked;
