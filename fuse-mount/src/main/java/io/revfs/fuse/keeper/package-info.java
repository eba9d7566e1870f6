/**
 * Who has a mount's device descriptors while no daemon runs, so that the next one goes on serving:
 * systemd's store, or a process of our own. Knows nothing of what is mounted.
 */
@NullMarked
package io.revfs.fuse.keeper;

import org.jspecify.annotations.NullMarked;
