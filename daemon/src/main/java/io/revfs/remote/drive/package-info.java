/** Google Drive. */
@NullMarked
package io.revfs.remote.drive;

import org.jspecify.annotations.NullMarked;
