/**
 * Looking at revisions without a mount: from what callers say ({@link io.revfs.browse.Places}) to
 * entries, and lists of them.
 */
@NullMarked
package io.revfs.browse;

import org.jspecify.annotations.NullMarked;
