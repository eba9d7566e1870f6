/** Where objects come from: DVC's layouts over remotes and caches, other repositories, Git. */
@NullMarked
package io.revfs.origin;

import org.jspecify.annotations.NullMarked;
