/**
 * The local store of objects and chunks, as others see it: filled as it is read, bounded by a
 * quota. {@link io.revfs.cache.Cache} is the contract, {@link io.revfs.cache.ObjectLayout} where
 * files lie in it.
 */
@NullMarked
package io.revfs.cache;

import org.jspecify.annotations.NullMarked;
