/**
 * A directory of a local file system as a tree that can be written: what a mount over a working
 * copy passes through. Knows nothing of who shows more than that.
 */
@NullMarked
package io.revfs.fuse.local;

import org.jspecify.annotations.NullMarked;
