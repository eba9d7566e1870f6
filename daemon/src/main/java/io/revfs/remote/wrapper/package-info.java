/** What stands around every store: retries, deadlines, a limit, counting; each a remote itself. */
@NullMarked
package io.revfs.remote.wrapper;

import org.jspecify.annotations.NullMarked;
