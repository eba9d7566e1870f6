/**
 * Serves a {@link io.revfs.fuse.FileTree} through libfuse 2.9's path-based interface by jnr-fuse:
 * the way without privileges, and on other systems. Paths and native types end here.
 */
@NullMarked
package io.revfs.fuse.jnr;

import org.jspecify.annotations.NullMarked;
