/**
 * Directories that are watched by inotify, so that what was found in them need not be looked for
 * again: {@link io.revfs.workspace.watch.DirectoryWatcher} asks the kernel, {@link
 * io.revfs.workspace.watch.WatchedTree} and {@link io.revfs.workspace.watch.WatchedObjects} know
 * what changed since in a work tree and in a cache, {@link io.revfs.workspace.watch.CleanTrees}
 * keeps them. Whatever cannot be watched is looked at as if there were no watching.
 */
@NullMarked
package io.revfs.workspace.watch;

import org.jspecify.annotations.NullMarked;
