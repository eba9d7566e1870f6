package io.revfs.posix;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * All that statx(2) says of a file.
 *
 * @param device the file system it is on
 * @param mode type and permissions, as in {@code st_mode}
 * @param links hard links
 * @param special {@code st_rdev} of a device, as the kernel encodes it in 32 bits
 * @param size in bytes
 * @param blocks of 512 bytes
 * @param accessed nanoseconds since 1970
 * @param modified nanoseconds since 1970
 * @param changed nanoseconds since 1970
 * @param born nanoseconds since 1970, 0 where the file system does not know
 */
public record FileDetails(
    long device,
    long inode,
    int mode,
    int links,
    int uid,
    int gid,
    int special,
    long size,
    long blocks,
    long accessed,
    long modified,
    long changed,
    long born) {
  private static final int TYPE = 0170000;
  private static final int CHARACTER_DEVICE = 0020000;
  private static final int DIRECTORY = 0040000;
  private static final int REGULAR = 0100000;

  /** STATX_BASIC_STATS and STATX_BTIME of linux/stat.h. */
  static final int MASK = 0xfff;

  private static final int BIRTH = 0x800;

  private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;
  private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG;

  /** linux/stat.h, struct statx: the same on all architectures. */
  static FileDetails parse(MemorySegment s) {
    boolean born = (s.get(INT, 0) & BIRTH) != 0;
    return new FileDetails(
        ((long) s.get(INT, 136) << 32) | Integer.toUnsignedLong(s.get(INT, 140)),
        s.get(LONG, 32),
        s.get(ValueLayout.JAVA_SHORT, 28) & 0xffff,
        s.get(INT, 16),
        s.get(INT, 20),
        s.get(INT, 24),
        encode(s.get(INT, 128), s.get(INT, 132)),
        s.get(LONG, 40),
        s.get(LONG, 48),
        time(s, 64),
        time(s, 112),
        time(s, 96),
        born ? time(s, 80) : 0);
  }

  static long time(MemorySegment s, long at) {
    return s.get(LONG, at) * 1_000_000_000L + s.get(INT, at + 8);
  }

  /** linux/kdev_t.h, new_encode_dev. */
  private static int encode(int major, int minor) {
    return (minor & 0xff) | (major << 8) | ((minor & ~0xff) << 12);
  }

  /** Returns whether it is a directory. */
  public boolean isDirectory() {
    return (mode & TYPE) == DIRECTORY;
  }

  /** Returns whether it is an ordinary file. */
  public boolean isFile() {
    return (mode & TYPE) == REGULAR;
  }

  /** Returns whether it is a character device. */
  public boolean isDevice() {
    return (mode & TYPE) == CHARACTER_DEVICE;
  }

  /** Returns the permissions, {@code 07777}. */
  public int permissions() {
    return mode & 07777;
  }
}
