/**
 * What commands may ask the daemon: HTTP and JSON over a Unix socket, described by the resource
 * {@code openapi.json}. {@link io.revfs.api.ApiServer} is the entry.
 */
@NullMarked
package io.revfs.api;

import org.jspecify.annotations.NullMarked;
