package io.revfs.posix;

import java.nio.charset.StandardCharsets;

/** The rights that a file gives to who executes it, and that end when somebody else writes it. */
public final class SetIdBits {
  private static final int SET_UID = 04000;
  private static final int SET_GID = 02000;
  private static final int GROUP_EXECUTES = 010;
  private static final byte[] CAPABILITY =
      "security.capability".getBytes(StandardCharsets.US_ASCII);

  private SetIdBits() {}

  /** Returns whether a file's mode gives any; a set-gid bit without execution is a kind of lock. */
  public static boolean has(int mode) {
    return (mode & SET_UID) != 0
        || (mode & (SET_GID | GROUP_EXECUTES)) == (SET_GID | GROUP_EXECUTES);
  }

  /** Returns a mode without them. */
  public static int without(int mode) {
    int left = mode & ~SET_UID;
    return (mode & GROUP_EXECUTES) == 0 ? left : left & ~SET_GID;
  }

  /** Takes them from an open file. */
  public static void drop(int fd) {
    if (NameCalls.stat(fd) >= 0) {
      FileDetails details = NameCalls.details();
      if (has(details.mode())) {
        int unused = NameCalls.permissions(fd, without(details.permissions()));
      }
    }
    int unused = FileCalls.removeAttribute(fd, CAPABILITY);
  }
}
