package io.revfs.daemon;

import io.revfs.fuse.Shell;
import java.io.IOException;
import java.nio.file.Path;

/** All that {@code stat} shows of a tree but the numbers of inodes and devices. */
final class Listings {
  private Listings() {}

  /** Returns a line for each name, sorted. */
  static String of(Path tree) throws IOException {
    return Shell.run(
            tree.toRealPath(),
            "find . -printf '%p %y %m %n %U %G %s %b %T@ %A@ %C@ %l\\0' | LC_ALL=C sort -z | tr"
                + " '\\0' '\\n'")
        .output();
  }
}
