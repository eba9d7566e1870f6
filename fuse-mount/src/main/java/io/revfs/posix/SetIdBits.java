package io.revfs.posix;

import java.nio.charset.StandardCharsets;
import java.util.function.IntPredicate;

/** The rights that a file gives to who executes it, and that end when somebody else writes it. */
public final class SetIdBits {
  private static final int SET_UID = 04000;
  private static final int SET_GID = 02000;
  private static final int GROUP_EXECUTES = 010;
  private static final byte[] CAPABILITY =
      "security.capability".getBytes(StandardCharsets.US_ASCII);

  private SetIdBits() {}

  /** Returns whether a file's mode has any. */
  public static boolean has(int mode) {
    return (mode & (SET_UID | SET_GID)) != 0;
  }

  /**
   * Returns a mode without them. A set-gid bit without execution gives no rights, and stays for who
   * is in the file's group.
   */
  static int without(int mode, boolean isInGroup) {
    boolean keepsGroup = (mode & GROUP_EXECUTES) == 0 && isInGroup;
    return mode & ~SET_UID & (keepsGroup ? ~0 : ~SET_GID);
  }

  /** Takes them from an open file; {@code isInGroup}: whether who writes is in a group. */
  public static void drop(int fd, IntPredicate isInGroup) {
    dropFromMode(fd, isInGroup);
    int unused = FileCalls.removeAttribute(fd, CAPABILITY);
  }

  /** Takes them from an open file's mode, if it is an ordinary file. */
  public static void dropFromMode(int fd, IntPredicate isInGroup) {
    if (NameCalls.stat(fd) < 0) {
      return;
    }
    FileDetails details = NameCalls.details();
    if (details.isFile() && has(details.mode())) {
      int left = without(details.permissions(), isInGroup.test(details.gid()));
      if (left != details.permissions()) {
        int unused = NameCalls.permissions(fd, left);
      }
    }
  }
}
