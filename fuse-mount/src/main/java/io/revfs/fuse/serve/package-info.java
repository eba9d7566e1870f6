/**
 * {@link io.revfs.fuse.serve.FuseMounts}: a tree is mounted, by whichever way of serving this
 * machine has. The one place that knows all of them.
 */
@NullMarked
package io.revfs.fuse.serve;

import org.jspecify.annotations.NullMarked;
