/**
 * Where objects come from: DVC's layouts over remotes and caches, other repositories, Git. Each is
 * an {@link io.revfs.object.ObjectSource}. Knows nothing of our own cache, which is filled from
 * these.
 */
@NullMarked
package io.revfs.origin;

import org.jspecify.annotations.NullMarked;
