package io.revfs.cli.client;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** How much memory this process's control group may use, of version 1 or 2 (cgroups(7)). */
final class ControlGroup {
  private ControlGroup() {}

  /**
   * Returns the least limit of the group and of those around it, in bytes; {@link Long#MAX_VALUE}
   * where there is none.
   *
   * @param root where the groups are mounted
   * @param own names the process's groups: lines of {@code hierarchy:controllers:path}
   */
  static long memoryLimit(Path root, Path own) {
    long least = Long.MAX_VALUE;
    try {
      for (String line : Files.readAllLines(own)) {
        String[] words = line.split(":", 3);
        if (words.length < 3) {
          continue;
        }
        if (words[1].isEmpty()) {
          least = Math.min(least, limit(root, words[2], "memory.max"));
        } else if (("," + words[1] + ",").contains(",memory,")) {
          Path memory = root.resolve("memory");
          least = Math.min(least, limit(memory, words[2], "memory.limit_in_bytes"));
        }
      }
    } catch (IOException e) {
      return least; // no control groups here
    }
    return least;
  }

  /** In a container the path may be the host's, and what is mounted is the container's own. */
  private static long limit(Path root, String path, String name) {
    long least = Long.MAX_VALUE;
    Path group = root.resolve(path.substring(Math.min(1, path.length()))).normalize();
    for (Path at = group; at != null && at.startsWith(root); at = at.getParent()) {
      least = Math.min(least, number(at.resolve(name)));
    }
    return Math.min(least, number(root.resolve(name)));
  }

  private static long number(Path file) {
    try {
      return Long.parseLong(Files.readString(file).strip());
    } catch (IOException | NumberFormatException e) {
      return Long.MAX_VALUE; // not there, or "max"
    }
  }
}
