/**
 * Mounts that the kernel serves alone: an image of names, by overlayfs over directories of data.
 * Needs root and Linux; knows nothing of what the images hold.
 */
@NullMarked
package io.revfs.fuse.overlay;

import org.jspecify.annotations.NullMarked;
