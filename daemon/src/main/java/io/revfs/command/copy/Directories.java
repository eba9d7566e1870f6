package io.revfs.command.copy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;

/** The directories of a tree that is being copied, each made once. For one thread. */
final class Directories {
  private final Path top;
  private final Set<Path> made = new HashSet<>();

  /** {@code top} is there. */
  public Directories(Path top) {
    this.top = top;
  }

  /**
   * Returns the place of a file, in a directory that is there.
   *
   * @throws IOException if the path leads elsewhere
   */
  public Path target(String path) throws IOException {
    Path target = top.resolve(path).normalize();
    if (!target.startsWith(top) || target.equals(top)) {
      throw new IOException("'" + path + "' leads outside of " + top);
    }
    Path directory = target.resolveSibling("");
    if (made.add(directory)) {
      Files.createDirectories(directory);
    }
    return target;
  }
}
