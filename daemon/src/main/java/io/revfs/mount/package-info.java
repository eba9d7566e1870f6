/**
 * Which repositories and working copies are mounted where: {@link io.revfs.mount.MountManager} has
 * the mounts of revisions, {@link io.revfs.mount.AttachedCopies} the attached ones, {@link
 * io.revfs.mount.KeptSessions} what the next process must know of both. All of it is remembered.
 */
@NullMarked
package io.revfs.mount;

import org.jspecify.annotations.NullMarked;
