/**
 * Commands that look at other repositories and stores and copy from them, without tracking
 * anything: {@code list}, {@code du}, {@code get}, {@code artifacts get}, {@code list-url}, {@code
 * get-url}.
 */
@NullMarked
package io.revfs.command.look;

import org.jspecify.annotations.NullMarked;
