/**
 * A tree that tells others what is done to it: {@link io.revfs.fuse.heard.HeardTree} wraps one, an
 * {@link io.revfs.fuse.heard.AccessListener} hears. Knows nothing of why anybody listens.
 */
@NullMarked
package io.revfs.fuse.heard;

import org.jspecify.annotations.NullMarked;
