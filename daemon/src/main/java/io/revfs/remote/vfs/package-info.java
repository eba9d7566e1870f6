/**
 * Remotes by Apache Commons VFS: one {@link io.revfs.remote.vfs.VfsRemote} over the file systems of
 * several protocols, each in a package of its own below.
 */
@NullMarked
package io.revfs.remote.vfs;

import org.jspecify.annotations.NullMarked;
