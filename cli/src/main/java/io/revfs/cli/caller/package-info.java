/**
 * What is done as the caller, with the caller's user, environment, directory and terminal, because
 * the daemon has none of these: processes, signals, and what is to be ended with this process.
 */
@NullMarked
package io.revfs.cli.caller;

import org.jspecify.annotations.NullMarked;
