/** Objects: immutable bytes named by a digest, and where they can be read from. */
@NullMarked
package io.revfs.object;

import org.jspecify.annotations.NullMarked;
