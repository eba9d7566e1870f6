/** Remotes that are directories. */
@NullMarked
package io.revfs.remote.directory;

import org.jspecify.annotations.NullMarked;
