/**
 * {@code /dev/fuse}: opened, mounted (by root with mount(2), by ordinary users with libfuse's
 * helper), cloned and passed between processes. Knows nothing of the protocol that is spoken on it.
 */
@NullMarked
package io.revfs.fuse.device;

import org.jspecify.annotations.NullMarked;
