package io.revfs.trace;

import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/** Tells what belongs to the system and its tools from what people keep outside of a project. */
public final class OfTheSystem {
  private static final List<String> ROOTS =
      List.of(
          "/usr/",
          "/lib/",
          "/lib32/",
          "/lib64/",
          "/bin/",
          "/sbin/",
          "/etc/",
          "/nix/store/",
          "/snap/");
  private static final Set<String> OF_TOOLS =
      Set.of("__pycache__", "node_modules", "site-packages", "dist-packages", "venv");
  private static final Pattern LIBRARY = Pattern.compile(".*\\.so(\\.\\d+)*");

  private OfTheSystem() {}

  /**
   * Returns whether people would not name this file if asked what a program worked on; never of a
   * path that is not absolute.
   */
  public static boolean is(String path) {
    if (!path.startsWith("/")) {
      return false;
    }
    for (String root : ROOTS) {
      if ((path + "/").startsWith(root)) { // the directory itself too
        return true;
      }
    }
    for (String word : path.split("/")) {
      if (word.startsWith(".") || OF_TOOLS.contains(word)) {
        return true;
      }
    }
    return LIBRARY.matcher(path).matches();
  }
}
