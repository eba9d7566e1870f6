/**
 * The daemon, as a command sees it: found, started when it is not there, and spoken to. Knows
 * nothing of single commands.
 */
@NullMarked
package io.revfs.cli.client;

import org.jspecify.annotations.NullMarked;
