/**
 * Data copied out of a revision or a store into the caller's own files: gathered beside its place,
 * on several threads, and there as a whole or not at all. Knows nothing of the commands that copy.
 */
@NullMarked
package io.revfs.command.copy;

import org.jspecify.annotations.NullMarked;
