package io.revfs.snapshot;

import io.revfs.git.GitEntry;
import io.revfs.git.GitRepository;
import java.io.IOException;
import java.util.Optional;

/** Files of a Git tree by path. */
final class GitFiles {
  private GitFiles() {}

  static Optional<byte[]> read(GitRepository git, String tree, String path) throws IOException {
    String at = tree;
    String[] names = path.split("/");
    for (int i = 0; i < names.length; i++) {
      String name = names[i];
      if (name.isEmpty() || name.equals(".")) {
        continue;
      }
      Optional<GitEntry> entry =
          git.tree(at).stream().filter(e -> e.name().equals(name)).findFirst();
      if (entry.isEmpty()) {
        return Optional.empty();
      }
      boolean last = i == names.length - 1;
      switch (entry.get().kind()) {
        case TREE -> {
          if (last) {
            return Optional.empty();
          }
          at = entry.get().id();
        }
        case FILE, EXECUTABLE -> {
          return last ? Optional.of(git.blob(entry.get().id())) : Optional.empty();
        }
        case SYMBOLIC_LINK, SUBMODULE -> {
          return Optional.empty();
        }
      }
    }
    return Optional.empty();
  }
}
