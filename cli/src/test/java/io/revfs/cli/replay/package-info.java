/** What DVC did and answered, done again by the command as it is shipped. */
@NullMarked
package io.revfs.cli.replay;

import org.jspecify.annotations.NullMarked;
