package io.revfs.fuse;

import io.revfs.posix.FileDetails;
import org.jspecify.annotations.Nullable;

/**
 * What {@code stat} shows of a node.
 *
 * @param node the node's number
 * @param kind what it is
 * @param permissions the lower 12 bits of the mode
 * @param size in bytes; of a symbolic link the length of its target
 * @param modifiedSeconds all its times, in seconds since the epoch, unless the details say more
 * @param links {@code st_nlink}
 * @param details what only a file that lies in a real file system has; null of others
 */
public record Attributes(
    long node,
    FileKind kind,
    int permissions,
    long size,
    long modifiedSeconds,
    int links,
    @Nullable Details details) {
  private static final long NANOSECONDS_OF_SECOND = 1_000_000_000;
  private static final int BLOCK_BYTES = 4096;
  private static final int UNITS_OF_BLOCK = BLOCK_BYTES / 512;

  public Attributes {
    if (node <= 0 || size < 0 || (permissions & ~07777) != 0) {
      throw new IllegalArgumentException(
          "node %d, size %d, permissions %o".formatted(node, size, permissions));
    }
  }

  /** Returns the attributes of a node that is a local file. */
  public static Attributes of(long node, FileDetails file) {
    return new Attributes(
        node,
        FileKind.of(file.mode()),
        file.permissions(),
        file.size(),
        Math.floorDiv(file.modified(), NANOSECONDS_OF_SECOND),
        file.links(),
        new Details(
            file.inode(),
            file.uid(),
            file.gid(),
            file.special(),
            file.blocks(),
            file.accessed(),
            file.modified(),
            file.changed()));
  }

  /** Attributes of a file that belongs to whoever serves it. */
  public Attributes(long node, FileKind kind, int permissions, long size, long modifiedSeconds) {
    this(node, kind, permissions, size, modifiedSeconds, kind == FileKind.DIRECTORY ? 2 : 1, null);
  }

  /** Returns the same for a node of another number; without details. */
  public Attributes numbered(long number) {
    return new Attributes(number, kind, permissions, size, modifiedSeconds, links, null);
  }

  /**
   * Returns {@code st_blocks}, in units of 512 bytes: where no details say otherwise it is what
   * file systems with blocks of 4096 bytes need for the size, so that {@code du} says of files what
   * it says of copies of them.
   */
  public long blocks() {
    return details != null ? details.blocks() : blocks(size);
  }

  /** Returns {@link #blocks()} for a size. */
  public static long blocks(long size) {
    return Math.ceilDiv(size, (long) BLOCK_BYTES) * UNITS_OF_BLOCK;
  }

  /**
   * The rest of {@code struct stat}.
   *
   * @param inode {@code st_ino}
   * @param device {@code st_rdev} of a device, as the kernel encodes it in 32 bits
   * @param blocks of 512 bytes
   * @param accessed nanoseconds since the epoch
   * @param modified nanoseconds since the epoch
   * @param changed nanoseconds since the epoch
   */
  public record Details(
      long inode,
      int uid,
      int gid,
      int device,
      long blocks,
      long accessed,
      long modified,
      long changed) {}
}
