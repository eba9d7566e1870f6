/** SFTP by Commons VFS and JSch. */
@NullMarked
package io.revfs.remote.vfs.sftp;

import org.jspecify.annotations.NullMarked;
