package io.revfs.git;

import java.io.IOException;
import java.util.Optional;

/** Files of a Git tree by path. */
public final class GitFiles {
  private GitFiles() {}

  /** Returns a file's bytes; empty if there is no file of this path, or it is a link. */
  public static Optional<byte[]> read(GitRepository git, String tree, String path)
      throws IOException {
    Optional<GitEntry> entry = find(git, tree, path);
    if (entry.isEmpty()) {
      return Optional.empty();
    }
    return switch (entry.get().kind()) {
      case FILE, EXECUTABLE -> Optional.of(git.blob(entry.get().id()));
      case TREE, SYMBOLIC_LINK, SUBMODULE -> Optional.empty();
    };
  }

  /**
   * Returns what is at a path, whose empty parts and dots are passed over; the empty path is the
   * tree itself. Links on the way are not followed.
   */
  public static Optional<GitEntry> find(GitRepository git, String tree, String path)
      throws IOException {
    GitEntry at = new GitEntry("", GitEntry.Kind.TREE, tree);
    for (String name : path.split("/")) {
      if (name.isEmpty() || name.equals(".")) {
        continue;
      }
      if (at.kind() != GitEntry.Kind.TREE) {
        return Optional.empty();
      }
      Optional<GitEntry> entry =
          git.tree(at.id()).stream().filter(e -> e.name().equals(name)).findFirst();
      if (entry.isEmpty()) {
        return Optional.empty();
      }
      at = entry.get();
    }
    return Optional.of(at);
  }
}
