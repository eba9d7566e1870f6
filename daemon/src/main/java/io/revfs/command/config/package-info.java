/** Commands that look at DVC's configuration and change it. */
@NullMarked
package io.revfs.command.config;

import org.jspecify.annotations.NullMarked;
