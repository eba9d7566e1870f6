/**
 * How this process reaches directories that its own mounts lie over: never through the mount, which
 * it would have to answer itself.
 */
@NullMarked
package io.revfs.reach;

import org.jspecify.annotations.NullMarked;
