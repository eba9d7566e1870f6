package io.revfs.remote.parts;

import java.util.concurrent.ThreadLocalRandom;
import java.util.regex.Pattern;

/** The names that files have until they are whole. */
public final class TemporaryNames {
  private static final Pattern OURS = Pattern.compile("\\..+\\.[0-9a-f]+\\.tmp");

  private TemporaryNames() {}

  /** Returns a new name beside a path, which has {@code /} between its parts. */
  public static String beside(String path) {
    int slash = path.lastIndexOf('/');
    return path.substring(0, slash + 1)
        + "."
        + path.substring(slash + 1)
        + "."
        + Long.toHexString(ThreadLocalRandom.current().nextLong())
        + ".tmp";
  }

  /** Returns whether a path's last part is such a name: an upload under way, or one that died. */
  public static boolean isOne(String path) {
    return OURS.matcher(path.substring(path.lastIndexOf('/') + 1)).matches();
  }
}
