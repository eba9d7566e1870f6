package io.revfs.posix;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/** Which groups another process is in, beside the one that is known; read from /proc. */
public final class CallerGroups {
  private static final String LINE = "Groups:";

  private CallerGroups() {}

  /** Returns whether a process, or thread, is in a group; not so if it cannot be looked at. */
  public static boolean has(int pid, int gid) {
    String wanted = Integer.toUnsignedString(gid);
    try {
      return Files.readAllLines(Path.of("/proc/" + pid + "/status")).stream()
          .filter(line -> line.startsWith(LINE))
          .flatMap(line -> Arrays.stream(line.substring(LINE.length()).strip().split(" ")))
          .anyMatch(wanted::equals);
    } catch (IOException e) {
      return false; // it is gone, or in another name space
    }
  }
}
