/** The daemon's configuration and where its files are. */
@NullMarked
package io.revfs.config;

import org.jspecify.annotations.NullMarked;
