/**
 * Git, by JGit; the {@code git} command for clones and fetches, so that the user's ssh and helpers
 * work.
 */
@NullMarked
package io.revfs.git;

import org.jspecify.annotations.NullMarked;
