/**
 * Git, by JGit ({@link io.revfs.git.GitRepository}); the {@code git} command for clones and
 * fetches, so that the user's ssh and helpers work. Knows nothing of DVC.
 */
@NullMarked
package io.revfs.git;

import org.jspecify.annotations.NullMarked;
