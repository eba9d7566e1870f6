package io.revfs.git;

import io.revfs.reach.Passages;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * What Git says of a work tree.
 *
 * @param untracked files that Git neither tracks nor ignores, from the top
 * @param isEmpty whether there is no commit yet
 * @param isDirty whether anything differs from the last commit
 */
public record GitStatus(List<String> untracked, boolean isEmpty, boolean isDirty) {
  /** That of a directory without Git. */
  public static final GitStatus NONE = new GitStatus(List.of(), false, false);

  private static final long SECONDS = 600;

  public GitStatus {
    untracked = List.copyOf(untracked);
  }

  /**
   * Asks Git.
   *
   * @param top of the work tree
   * @param untracked whether files that Git does not track are looked for
   */
  public static GitStatus of(Path top, boolean untracked) throws IOException {
    Passages.beforeOthersLook(top);
    GitCommand.Result result =
        GitCommand.run(
            top,
            SECONDS,
            "status",
            "--porcelain=v1",
            "-z",
            "--untracked-files=" + (untracked ? "all" : "no"));
    if (result.exit() != 0) {
      throw new IOException("git status: " + result.output().strip());
    }
    List<String> files = new ArrayList<>();
    boolean dirty = false;
    for (String entry : result.output().split("\0")) {
      if (entry.length() > 3) {
        dirty = true;
        if (entry.startsWith("?? ")) {
          files.add(entry.substring(3));
        }
      }
    }
    boolean empty =
        GitCommand.run(top, SECONDS, "rev-parse", "--verify", "--quiet", "HEAD").exit() != 0;
    return new GitStatus(files, empty, dirty);
  }
}
