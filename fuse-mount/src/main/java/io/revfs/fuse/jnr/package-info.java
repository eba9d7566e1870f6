/**
 * Serves a {@link io.revfs.fuse.FileTree} through libfuse 2.9's path-based interface by jnr-fuse:
 * the way of kernels whose protocol is too old for the session of ours. Paths and native types end
 * here.
 */
@NullMarked
package io.revfs.fuse.jnr;

import org.jspecify.annotations.NullMarked;
