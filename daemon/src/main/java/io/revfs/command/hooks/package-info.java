/** Commands that Git runs: hooks, the merge driver, and what installs them. */
@NullMarked
package io.revfs.command.hooks;

import org.jspecify.annotations.NullMarked;
