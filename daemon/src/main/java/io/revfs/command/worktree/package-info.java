/** Work trees of this machine as what commands on other repositories look at without a revision. */
@NullMarked
package io.revfs.command.worktree;

import org.jspecify.annotations.NullMarked;
