/**
 * The cache in a directory: {@link io.revfs.cache.local.LocalCache} puts it together. What is here
 * is in the index ({@link io.revfs.cache.local.ObjectTable}) and in files; {@link
 * io.revfs.cache.local.Opener} opens objects, and what is absent of one is brought by its {@link
 * io.revfs.cache.local.FillingObject} as it is read. Knows nothing of who asks.
 */
@NullMarked
package io.revfs.cache.local;

import org.jspecify.annotations.NullMarked;
