/**
 * Files by the system calls that {@code java.nio} does not have, or has only at a price that a
 * million files make felt: names relative to an open directory, clones, hard links, inotify. Knows
 * nothing of FUSE.
 */
@NullMarked
package io.revfs.posix;

import org.jspecify.annotations.NullMarked;
