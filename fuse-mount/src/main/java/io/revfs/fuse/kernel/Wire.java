package io.revfs.fuse.kernel;

import io.revfs.fuse.Attributes;
import io.revfs.fuse.FileKind;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * The protocol's structures: where each field lies, in bytes from the structure's start, and how
 * long each structure is. The one place for that. Source: Linux's {@code include/uapi/linux/fuse.h}
 * of 7.45 (Linux 6.18); what was added after 7.31 (Linux 5.4) is named so. All fields are in the
 * machine's byte order, without padding but what is shown.
 */
final class Wire {
  static final int MAJOR = 7;
  static final int MINOR = 45;

  private Wire() {}

  /** {@code struct fuse_in_header}: before every request. */
  static final class InHeader {
    static final int LEN = 0;
    static final int OPCODE = 4;
    static final int UNIQUE = 8;
    static final int NODE = 16;
    static final int UID = 24;
    static final int GID = 28;
    static final int PID = 32;
    static final int BYTES = 40;

    /** FUSE_UNIQUE_RESEND: set in the unique of a request that is sent again; 7.41. */
    static final long UNIQUE_RESENT = 1L << 63;

    private InHeader() {}
  }

  /** {@code struct fuse_out_header}: before every reply and notification. */
  static final class OutHeader {
    static final int LEN = 0;
    static final int ERROR = 4;
    static final int UNIQUE = 8;
    static final int BYTES = 16;

    private OutHeader() {}
  }

  /** {@code struct fuse_init_in}; flags2 since 7.36, before that the structure had 16 bytes. */
  static final class InitIn {
    static final int MAJOR = 0;
    static final int MINOR = 4;
    static final int MAX_READAHEAD = 8;
    static final int FLAGS = 12;
    static final int OLD_BYTES = 16;
    static final int FLAGS2 = 16;
    static final int BYTES = 64;

    private InitIn() {}
  }

  /** {@code struct fuse_init_out}. */
  static final class InitOut {
    static final int MAJOR = 0;
    static final int MINOR = 4;
    static final int MAX_READAHEAD = 8;
    static final int FLAGS = 12;
    static final int MAX_BACKGROUND = 16;
    static final int CONGESTION_THRESHOLD = 18;
    static final int MAX_WRITE = 20;
    static final int TIME_GRAN = 24;
    static final int MAX_PAGES = 28;
    static final int FLAGS2 = 32; // 7.36
    static final int MAX_STACK_DEPTH = 36; // 7.40
    static final int BYTES = 64;

    private InitOut() {}
  }

  /** {@code struct fuse_attr}. */
  static final class Attr {
    static final int INO = 0;
    static final int SIZE = 8;
    static final int BLOCKS = 16;
    static final int ATIME = 24;
    static final int MTIME = 32;
    static final int CTIME = 40;
    static final int ATIMENSEC = 48;
    static final int MTIMENSEC = 52;
    static final int CTIMENSEC = 56;
    static final int MODE = 60;
    static final int NLINK = 64;
    static final int UID = 68;
    static final int GID = 72;
    static final int RDEV = 76;
    static final int BLKSIZE = 80;
    static final int BYTES = 88;

    private Attr() {}
  }

  /** {@code struct fuse_entry_out}. */
  static final class EntryOut {
    static final int NODE = 0;
    static final int ENTRY_VALID = 16;
    static final int ATTR_VALID = 24;
    static final int ENTRY_VALID_NSEC = 32;
    static final int ATTR_VALID_NSEC = 36;
    static final int ATTR = 40;
    static final int BYTES = 128;

    private EntryOut() {}
  }

  /** {@code struct fuse_attr_out}. */
  static final class AttrOut {
    static final int ATTR_VALID = 0;
    static final int ATTR_VALID_NSEC = 8;
    static final int ATTR = 16;
    static final int BYTES = 104;

    private AttrOut() {}
  }

  /** {@code struct fuse_statx_in}; 7.39. */
  static final class StatxIn {
    static final int BYTES = 24;

    private StatxIn() {}
  }

  /** {@code struct fuse_statx_out} with the {@code struct fuse_statx} in it; 7.39. */
  static final class StatxOut {
    static final int ATTR_VALID = 0;
    static final int ATTR_VALID_NSEC = 8;
    static final int STAT = 32;
    static final int MASK = STAT;
    static final int BLKSIZE = STAT + 4;
    static final int NLINK = STAT + 16;
    static final int UID = STAT + 20;
    static final int GID = STAT + 24;
    static final int MODE = STAT + 28;
    static final int INO = STAT + 32;
    static final int SIZE = STAT + 40;
    static final int BLOCKS = STAT + 48;
    static final int ATIME = STAT + 64;
    static final int CTIME = STAT + 96;
    static final int MTIME = STAT + 112;
    static final int RDEV_MAJOR = STAT + 128;
    static final int RDEV_MINOR = STAT + 132;
    static final int BYTES = STAT + 256;

    /** STATX_BASIC_STATS of linux/stat.h: all but the time of birth, which no node has. */
    static final int BASIC_STATS = 0x7ff;

    private StatxOut() {}
  }

  /** {@code struct fuse_open_in}. */
  static final class OpenIn {
    static final int FLAGS = 0;
    static final int OPEN_FLAGS = 4; // 7.33
    static final int BYTES = 8;

    /** FUSE_OPEN_KILL_SUIDGID. */
    static final int KILL_SUIDGID = 1;

    private OpenIn() {}
  }

  /** {@code struct fuse_open_out}; backing_id since 7.40, padding before. */
  static final class OpenOut {
    static final int HANDLE = 0;
    static final int OPEN_FLAGS = 8;
    static final int BACKING_ID = 12;
    static final int BYTES = 16;

    static final int DIRECT_IO = 1;
    static final int KEEP_CACHE = 1 << 1;
    static final int CACHE_DIR = 1 << 3;
    static final int NOFLUSH = 1 << 5; // 7.35
    static final int PASSTHROUGH = 1 << 7; // 7.40

    private OpenOut() {}
  }

  /** {@code struct fuse_read_in}. */
  static final class ReadIn {
    static final int HANDLE = 0;
    static final int OFFSET = 8;
    static final int SIZE = 16;
    static final int BYTES = 40;

    private ReadIn() {}
  }

  /** {@code struct fuse_getxattr_in}; for GETXATTR a name follows. */
  static final class GetxattrIn {
    static final int SIZE = 0;
    static final int BYTES = 8;

    private GetxattrIn() {}
  }

  /** {@code struct fuse_getxattr_out}. */
  static final class GetxattrOut {
    static final int SIZE = 0;
    static final int BYTES = 8;

    private GetxattrOut() {}
  }

  /** {@code struct fuse_statfs_out}. */
  static final class StatfsOut {
    static final int BLOCKS = 0;
    static final int BFREE = 8;
    static final int BAVAIL = 16;
    static final int FILES = 24;
    static final int FFREE = 32;
    static final int BSIZE = 40;
    static final int NAMELEN = 44;
    static final int FRSIZE = 48;
    static final int BYTES = 80;

    private StatfsOut() {}
  }

  /** {@code struct fuse_dirent}; the name follows, and zeroes up to a multiple of 8. */
  static final class Dirent {
    static final int INO = 0;
    static final int OFF = 8;
    static final int NAMELEN = 16;
    static final int TYPE = 20;
    static final int BYTES = 24;

    private Dirent() {}

    static int padded(int nameBytes) {
      return (BYTES + nameBytes + 7) & ~7;
    }
  }

  /** {@code struct fuse_forget_in}. */
  static final class ForgetIn {
    static final int NLOOKUP = 0;
    static final int BYTES = 8;

    private ForgetIn() {}
  }

  /** {@code struct fuse_batch_forget_in}, then so many {@code struct fuse_forget_one}. */
  static final class BatchForgetIn {
    static final int COUNT = 0;
    static final int BYTES = 8;
    static final int ONE_NODE = 0;
    static final int ONE_NLOOKUP = 8;
    static final int ONE_BYTES = 16;

    private BatchForgetIn() {}
  }

  /** {@code struct fuse_interrupt_in}. */
  static final class InterruptIn {
    static final int UNIQUE = 0;
    static final int BYTES = 8;

    private InterruptIn() {}
  }

  /** {@code struct fuse_notify_inval_inode_out}. */
  static final class InvalInode {
    static final int NODE = 0;
    static final int OFF = 8;
    static final int LEN = 16;
    static final int BYTES = 24;

    private InvalInode() {}
  }

  /** {@code struct fuse_notify_inval_entry_out}; the name follows, and a NUL. */
  static final class InvalEntry {
    static final int PARENT = 0;
    static final int NAMELEN = 8;
    static final int FLAGS = 12;
    static final int BYTES = 16;

    private InvalEntry() {}
  }

  /** {@code struct fuse_backing_map}, the argument of the ioctl BACKING_OPEN; 7.40. */
  static final class BackingMap {
    static final int FD = 0;
    static final int FLAGS = 4;
    static final int BYTES = 16;

    private BackingMap() {}
  }

  /** Codes of notifications ({@code enum fuse_notify_code}), in place of the error. */
  static final class Notify {
    static final int INVAL_INODE = 2;
    static final int INVAL_ENTRY = 3;
    static final int RESEND = 7; // 7.41

    private Notify() {}
  }

  static int getInt(MemorySegment segment, long at) {
    return segment.get(ValueLayout.JAVA_INT_UNALIGNED, at);
  }

  static long getLong(MemorySegment segment, long at) {
    return segment.get(ValueLayout.JAVA_LONG_UNALIGNED, at);
  }

  static void putShort(MemorySegment segment, long at, int value) {
    segment.set(ValueLayout.JAVA_SHORT_UNALIGNED, at, (short) value);
  }

  static void putInt(MemorySegment segment, long at, int value) {
    segment.set(ValueLayout.JAVA_INT_UNALIGNED, at, value);
  }

  static void putLong(MemorySegment segment, long at, long value) {
    segment.set(ValueLayout.JAVA_LONG_UNALIGNED, at, value);
  }

  static final int PAGE_BYTES = 4096;
  private static final double NANOSECONDS = 1e9;
  static final long NANOSECONDS_OF_SECOND = 1_000_000_000;

  /** Writes a {@code struct fuse_attr}; {@code uid} and {@code gid}: of what has no details. */
  static void putAttr(MemorySegment to, long at, Attributes from, int uid, int gid) {
    to.asSlice(at, Attr.BYTES).fill((byte) 0);
    putLong(to, at + Attr.SIZE, from.size());
    putInt(to, at + Attr.MODE, from.kind().modeBits() | from.permissions());
    putInt(to, at + Attr.BLKSIZE, PAGE_BYTES);
    putLong(to, at + Attr.BLOCKS, from.blocks());
    putInt(to, at + Attr.NLINK, from.links());
    Attributes.Details details = from.details();
    if (details == null) {
      putLong(to, at + Attr.INO, from.node());
      putLong(to, at + Attr.ATIME, from.modifiedSeconds());
      putLong(to, at + Attr.MTIME, from.modifiedSeconds());
      putLong(to, at + Attr.CTIME, from.modifiedSeconds());
      putInt(to, at + Attr.UID, uid);
      putInt(to, at + Attr.GID, gid);
      return;
    }
    putLong(to, at + Attr.INO, details.inode());
    putTime(to, at + Attr.ATIME, at + Attr.ATIMENSEC, details.accessed());
    putTime(to, at + Attr.MTIME, at + Attr.MTIMENSEC, details.modified());
    putTime(to, at + Attr.CTIME, at + Attr.CTIMENSEC, details.changed());
    putInt(to, at + Attr.UID, details.uid());
    putInt(to, at + Attr.GID, details.gid());
    putInt(to, at + Attr.RDEV, details.device());
  }

  private static void putTime(MemorySegment to, long seconds, long rest, long nanoseconds) {
    putLong(to, seconds, Math.floorDiv(nanoseconds, NANOSECONDS_OF_SECOND));
    putInt(to, rest, (int) Math.floorMod(nanoseconds, NANOSECONDS_OF_SECOND));
  }

  /** Writes a {@code struct fuse_entry_out}; {@code lifetimes} in seconds. */
  static void putEntry(
      MemorySegment to,
      long at,
      Attributes from,
      double entryLifetime,
      double attributeLifetime,
      int uid,
      int gid) {
    putLong(to, at + EntryOut.NODE, from.node());
    putLong(to, at + EntryOut.NODE + 8, 0); // generation: a number never means another file
    putLong(to, at + EntryOut.ENTRY_VALID, (long) entryLifetime);
    putLong(to, at + EntryOut.ATTR_VALID, (long) attributeLifetime);
    putInt(to, at + EntryOut.ENTRY_VALID_NSEC, nanoseconds(entryLifetime));
    putInt(to, at + EntryOut.ATTR_VALID_NSEC, nanoseconds(attributeLifetime));
    putAttr(to, at + EntryOut.ATTR, from, uid, gid);
  }

  static int nanoseconds(double seconds) {
    return (int) ((seconds - Math.floor(seconds)) * NANOSECONDS);
  }

  /** Writes a {@code struct fuse_notify_inval_entry_out} with its name; returns its length. */
  static int putInvalEntry(MemorySegment to, long at, long parent, byte[] name) {
    putLong(to, at + InvalEntry.PARENT, parent);
    putInt(to, at + InvalEntry.NAMELEN, name.length);
    putInt(to, at + InvalEntry.FLAGS, 0);
    MemorySegment.copy(name, 0, to, ValueLayout.JAVA_BYTE, at + InvalEntry.BYTES, name.length);
    to.set(ValueLayout.JAVA_BYTE, at + InvalEntry.BYTES + name.length, (byte) 0);
    return InvalEntry.BYTES + name.length + 1;
  }

  /** Writes a {@code struct fuse_notify_inval_inode_out} for all of a node; returns its length. */
  static int putInvalInode(MemorySegment to, long at, long node) {
    return putInvalInode(to, at, node, 0);
  }

  /** As {@link #putInvalInode(MemorySegment, long, long)}, for all but a node's bytes. */
  static int putInvalAttributes(MemorySegment to, long at, long node) {
    return putInvalInode(to, at, node, -1);
  }

  private static int putInvalInode(MemorySegment to, long at, long node, long offset) {
    putLong(to, at + InvalInode.NODE, node);
    putLong(to, at + InvalInode.OFF, offset);
    putLong(to, at + InvalInode.LEN, 0);
    return InvalInode.BYTES;
  }

  /** Writes a {@code struct fuse_backing_map}. */
  static void putBackingMap(MemorySegment to, int fd) {
    putInt(to, BackingMap.FD, fd);
    putInt(to, BackingMap.FLAGS, 0);
    putLong(to, BackingMap.FLAGS + 4, 0);
  }

  /** Writes a {@code struct fuse_statx_out}. */
  static void putStatx(
      MemorySegment to, long at, Attributes from, double lifetime, int uid, int gid) {
    to.asSlice(at, StatxOut.BYTES).fill((byte) 0);
    putLong(to, at + StatxOut.ATTR_VALID, (long) lifetime);
    putInt(to, at + StatxOut.ATTR_VALID_NSEC, nanoseconds(lifetime));
    putInt(to, at + StatxOut.MASK, StatxOut.BASIC_STATS);
    putInt(to, at + StatxOut.BLKSIZE, PAGE_BYTES);
    putShort(to, at + StatxOut.MODE, from.kind().modeBits() | from.permissions());
    putLong(to, at + StatxOut.SIZE, from.size());
    putLong(to, at + StatxOut.BLOCKS, from.blocks());
    putInt(to, at + StatxOut.NLINK, from.links());
    Attributes.Details details = from.details();
    if (details == null) {
      putInt(to, at + StatxOut.UID, uid);
      putInt(to, at + StatxOut.GID, gid);
      putLong(to, at + StatxOut.INO, from.node());
      putLong(to, at + StatxOut.ATIME, from.modifiedSeconds());
      putLong(to, at + StatxOut.CTIME, from.modifiedSeconds());
      putLong(to, at + StatxOut.MTIME, from.modifiedSeconds());
      return;
    }
    putInt(to, at + StatxOut.UID, details.uid());
    putInt(to, at + StatxOut.GID, details.gid());
    putLong(to, at + StatxOut.INO, details.inode());
    putTime(to, at + StatxOut.ATIME, at + StatxOut.ATIME + 8, details.accessed());
    putTime(to, at + StatxOut.CTIME, at + StatxOut.CTIME + 8, details.changed());
    putTime(to, at + StatxOut.MTIME, at + StatxOut.MTIME + 8, details.modified());
    int device = details.device(); // linux/kdev_t.h, new_decode_dev
    putInt(to, at + StatxOut.RDEV_MAJOR, (device & 0xfff00) >> 8);
    putInt(to, at + StatxOut.RDEV_MINOR, (device & 0xff) | ((device >>> 12) & 0xfff00));
  }

  /**
   * Writes a {@code struct fuse_dirent} with its name.
   *
   * @return how many bytes it takes
   */
  static int putDirent(
      MemorySegment to, long at, byte[] name, long node, long next, FileKind kind) {
    int length = Dirent.padded(name.length);
    putLong(to, at + length - 8, 0); // the padding; what is written next may cover it
    putLong(to, at + Dirent.INO, node);
    putLong(to, at + Dirent.OFF, next);
    putInt(to, at + Dirent.NAMELEN, name.length);
    putInt(to, at + Dirent.TYPE, kind.entryType());
    MemorySegment.copy(name, 0, to, ValueLayout.JAVA_BYTE, at + Dirent.BYTES, name.length);
    return length;
  }
}
