/** SFTP. */
@NullMarked
package io.revfs.remote.sftp;

import org.jspecify.annotations.NullMarked;
