/**
 * Which outputs the files of a work tree name now, and what these have at each path: {@link
 * io.revfs.workingcopy.output.Outputs}. Knows nothing of mounts, nor of what is below one.
 */
@NullMarked
package io.revfs.workingcopy.output;

import org.jspecify.annotations.NullMarked;
