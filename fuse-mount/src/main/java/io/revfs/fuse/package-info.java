/**
 * A filesystem for the JVM: {@link io.revfs.fuse.FileTree} says what a mount shows, {@link
 * io.revfs.fuse.FuseSession} serves it at a mount point. Nothing here knows of Git, DVC or remotes.
 */
@NullMarked
package io.revfs.fuse;

import org.jspecify.annotations.NullMarked;
