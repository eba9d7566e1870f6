/**
 * Writes the names of a file tree as an EROFS image that the kernel mounts: directories, modes,
 * sizes, links, extended attributes and small contents. Bytes of all other files are elsewhere: in
 * data-only layers of an overlayfs over the image. It knows nothing of revisions; the format is in
 * {@code docs/erofs-image.md}.
 */
@NullMarked
package io.revfs.image;

import org.jspecify.annotations.NullMarked;
