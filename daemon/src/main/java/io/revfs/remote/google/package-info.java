/** What remotes in Google's services have in common. */
@NullMarked
package io.revfs.remote.google;

import org.jspecify.annotations.NullMarked;
