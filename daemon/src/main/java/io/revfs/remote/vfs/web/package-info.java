/** HTTP(S) and WebDAV by Commons VFS and Apache HttpClient. */
@NullMarked
package io.revfs.remote.vfs.web;

import org.jspecify.annotations.NullMarked;
