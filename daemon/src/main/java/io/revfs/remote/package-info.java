/**
 * Stores of bytes by key, whatever keeps them: the contract {@link io.revfs.remote.Remote}, and
 * what its implementations share, which are subpackages. Cross-cutting concerns (retries,
 * deadlines, limits, counting) are wrappers with the same interface. Knows keys, not digests.
 */
@NullMarked
package io.revfs.remote;

import org.jspecify.annotations.NullMarked;
