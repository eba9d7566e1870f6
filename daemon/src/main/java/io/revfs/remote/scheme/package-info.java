/**
 * Which store a URL's scheme means, and which options it has: {@link
 * io.revfs.remote.scheme.Remotes} opens any remote. The one place that knows all kinds.
 */
@NullMarked
package io.revfs.remote.scheme;

import org.jspecify.annotations.NullMarked;
