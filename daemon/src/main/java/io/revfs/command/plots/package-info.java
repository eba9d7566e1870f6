/** {@code plots}: shown, compared, drawn, defined; and their templates. */
@NullMarked
package io.revfs.command.plots;

import org.jspecify.annotations.NullMarked;
