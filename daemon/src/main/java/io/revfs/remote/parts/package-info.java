/** Large files in parts, as stores take them. */
@NullMarked
package io.revfs.remote.parts;

import org.jspecify.annotations.NullMarked;
