/** Looking at revisions without a mount: from what callers say to entries, and lists of them. */
@NullMarked
package io.revfs.browse;

import org.jspecify.annotations.NullMarked;
