/**
 * Stores of bytes by key: directories, S3, SFTP, HTTP, WebDAV. Knows keys, not digests.
 * Cross-cutting concerns (retries, deadlines, limits, counting) are wrappers with the same
 * interface.
 */
@NullMarked
package io.revfs.remote;

import org.jspecify.annotations.NullMarked;
