/** Commands on tracked data: what is changed, recorded, brought back, moved, forgotten. */
@NullMarked
package io.revfs.command.tracking;

import org.jspecify.annotations.NullMarked;
