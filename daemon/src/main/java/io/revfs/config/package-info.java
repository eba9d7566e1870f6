/**
 * The daemon's configuration ({@link io.revfs.config.Configuration}, {@code config.yaml}) and where
 * its files are. DVC's own configuration is another matter: {@link io.revfs.project}.
 */
@NullMarked
package io.revfs.config;

import org.jspecify.annotations.NullMarked;
