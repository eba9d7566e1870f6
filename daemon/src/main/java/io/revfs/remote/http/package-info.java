/** HTTP(S) and WebDAV. */
@NullMarked
package io.revfs.remote.http;

import org.jspecify.annotations.NullMarked;
