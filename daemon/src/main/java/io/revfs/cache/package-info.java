/**
 * The local store of objects and chunks: filled as it is read, indexed by LMDB, bounded by a quota.
 * {@link io.revfs.cache.Cache} is the entry.
 */
@NullMarked
package io.revfs.cache;

import org.jspecify.annotations.NullMarked;
