/**
 * Sealed commits: the kernel serves their names and cached bytes alone, from an image and an
 * overlay; what is not cached comes through the object layer, a mount that shows objects by their
 * digests. {@link io.revfs.seal.Sealer} has the policy.
 */
@NullMarked
package io.revfs.seal;

import org.jspecify.annotations.NullMarked;
