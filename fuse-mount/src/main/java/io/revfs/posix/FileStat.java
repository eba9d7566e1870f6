package io.revfs.posix;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * What the kernel says of a file.
 *
 * @param mode type and permissions, as in {@code st_mode}
 * @param links hard links
 * @param size in bytes
 * @param modified nanoseconds since 1970, when the bytes changed last
 * @param changed nanoseconds since 1970, when bytes, names or permissions changed last
 */
public record FileStat(
    long device, long inode, int mode, int links, long size, long modified, long changed) {
  private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;
  private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG;
  private static final int TYPE = 0170000;

  /** Parses linux/stat.h, struct statx: the same on all architectures. */
  static FileStat parse(MemorySegment s) {
    return new FileStat(
        ((long) s.get(INT, 136) << 32)
            | Integer.toUnsignedLong(s.get(INT, 140)), // stx_dev_major, _minor
        s.get(LONG, 32),
        s.get(ValueLayout.JAVA_SHORT, 28) & 0xffff,
        s.get(INT, 16),
        s.get(LONG, 40),
        FileDetails.time(s, 112),
        FileDetails.time(s, 96));
  }

  /** Returns whether it is an ordinary file. */
  public boolean isFile() {
    return (mode & TYPE) == 0100000;
  }

  /** Returns whether it is a directory. */
  public boolean isDirectory() {
    return (mode & TYPE) == 0040000;
  }

  /** Returns whether it is a symbolic link. */
  public boolean isSymbolicLink() {
    return (mode & TYPE) == 0120000;
  }

  /** Returns the permissions, {@code 07777}. */
  public int permissions() {
    return mode & 07777;
  }

  /** Returns whether its owner may execute it. */
  public boolean isExecutable() {
    return (mode & 0100) != 0;
  }

  /** Returns whether nobody may write to it. */
  public boolean isProtected() {
    return (mode & 0222) == 0;
  }

  /** Returns whether it is the same file as another, with bytes that did not change since. */
  public boolean isUnchanged(FileStat before) {
    return device == before.device
        && inode == before.inode
        && size == before.size
        && modified == before.modified
        && (changed == before.changed || (isProtected() && before.isProtected()));
  }
}
