/**
 * A filesystem for the JVM: {@link io.revfs.fuse.FileTree} says what a mount shows, by inodes;
 * {@link io.revfs.fuse.FuseSession} is what serves it at a mount point. {@link
 * io.revfs.fuse.serve.FuseMounts} makes the one serve the other. Nothing here knows of the ways of
 * serving, nor of Git, DVC or remotes.
 */
@NullMarked
package io.revfs.fuse;

import org.jspecify.annotations.NullMarked;
