/** Traces in formats that others read. */
@NullMarked
package io.revfs.trace.export;

import org.jspecify.annotations.NullMarked;
