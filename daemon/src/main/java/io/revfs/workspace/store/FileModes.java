package io.revfs.workspace.store;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The permissions of what is made in a cache and in a work tree.
 *
 * @param file of files of the work tree
 * @param directory of directories in both
 * @param umask of this process, which the kernel applies by itself
 */
public record FileModes(int file, int directory, int umask) {
  /** Objects: nobody may write to them, which is also the mark that they were verified. */
  public static final int OBJECT = 0444;

  /**
   * Returns those of {@code cache.shared=group} if {@code shared}, else by a umask.
   *
   * @param umask of whom the files are made for
   */
  public static FileModes of(boolean shared, int umask) {
    return shared
        ? new FileModes(0664, 02775, Own.UMASK)
        : new FileModes(0666 & ~umask, 0777 & ~umask, Own.UMASK);
  }

  /** Returns whether the kernel makes files and directories with these permissions by itself. */
  boolean needSetting(int mode) {
    return (mode & umask) != 0 || (mode & 07000) != 0;
  }

  private static final class Own {
    static final int UMASK = read();

    private static int read() {
      try {
        for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
          if (line.startsWith("Umask:")) {
            return Integer.parseInt(line.substring("Umask:".length()).strip(), 8);
          }
        }
      } catch (IOException | NumberFormatException e) {
        // Not there before Linux 4.7: the usual one.
      }
      return 022;
    }
  }
}
