/** What a recorded run opens outside of the sessions that are recorded: fanotify(7) tells. */
@NullMarked
package io.revfs.trace.outside;

import org.jspecify.annotations.NullMarked;
