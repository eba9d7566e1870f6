/**
 * Data outside of any repository, by URL: what {@code list-url}, {@code get-url} and {@code
 * import-url} read. A path on this machine, or a file or directory in a store of package {@code
 * remote}; with the checksum that DVC records of it.
 */
@NullMarked
package io.revfs.url;

import org.jspecify.annotations.NullMarked;
