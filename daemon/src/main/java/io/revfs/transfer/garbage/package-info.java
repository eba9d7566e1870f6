/** Objects that nothing uses any more, in a project's cache and on a remote: counted or removed. */
@NullMarked
package io.revfs.transfer.garbage;

import org.jspecify.annotations.NullMarked;
