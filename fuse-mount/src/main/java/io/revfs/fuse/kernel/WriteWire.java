package io.revfs.fuse.kernel;

/**
 * The protocol's structures for what changes a tree, as {@link Wire} has the others: offsets and
 * lengths in bytes. Source: Linux's {@code include/uapi/linux/fuse.h} of 7.45.
 */
final class WriteWire {
  private WriteWire() {}

  /** {@code struct fuse_setattr_in}. */
  static final class SetattrIn {
    static final int VALID = 0;
    static final int HANDLE = 8;
    static final int SIZE = 16;
    static final int ATIME = 32;
    static final int MTIME = 40;
    static final int ATIMENSEC = 56;
    static final int MTIMENSEC = 60;
    static final int MODE = 68;
    static final int UID = 76;
    static final int GID = 80;
    static final int BYTES = 88;

    // FATTR_*: bits of VALID
    static final int HAS_MODE = 1;
    static final int HAS_UID = 1 << 1;
    static final int HAS_GID = 1 << 2;
    static final int HAS_SIZE = 1 << 3;
    static final int HAS_ATIME = 1 << 4;
    static final int HAS_MTIME = 1 << 5;
    static final int HAS_HANDLE = 1 << 6;
    static final int ATIME_NOW = 1 << 7;
    static final int MTIME_NOW = 1 << 8;
    static final int KILL_SUIDGID = 1 << 11;

    private SetattrIn() {}
  }

  /** {@code struct fuse_mknod_in}; a name follows. */
  static final class MknodIn {
    static final int MODE = 0;
    static final int RDEV = 4;
    static final int BYTES = 16;

    private MknodIn() {}
  }

  /** {@code struct fuse_mkdir_in}; a name follows. */
  static final class MkdirIn {
    static final int MODE = 0;
    static final int BYTES = 8;

    private MkdirIn() {}
  }

  /** {@code struct fuse_rename_in}; two names follow. */
  static final class RenameIn {
    static final int NEW_PARENT = 0;
    static final int BYTES = 8;

    private RenameIn() {}
  }

  /** {@code struct fuse_rename2_in}; two names follow. */
  static final class Rename2In {
    static final int NEW_PARENT = 0;
    static final int FLAGS = 8;
    static final int BYTES = 16;

    private Rename2In() {}
  }

  /** {@code struct fuse_link_in}; a name follows. */
  static final class LinkIn {
    static final int OLD_NODE = 0;
    static final int BYTES = 8;

    private LinkIn() {}
  }

  /** {@code struct fuse_create_in}; a name follows. The answer is an entry and an open. */
  static final class CreateIn {
    static final int FLAGS = 0;
    static final int MODE = 4;
    static final int BYTES = 16;

    private CreateIn() {}
  }

  /** {@code struct fuse_write_in}; the bytes follow. */
  static final class WriteIn {
    static final int HANDLE = 0;
    static final int OFFSET = 8;
    static final int SIZE = 16;
    static final int WRITE_FLAGS = 20;
    static final int BYTES = 40;

    /** FUSE_WRITE_KILL_SUIDGID. */
    static final int KILL_SUIDGID = 1 << 2;

    private WriteIn() {}
  }

  /** {@code struct fuse_write_out}. */
  static final class WriteOut {
    static final int SIZE = 0;
    static final int BYTES = 8;

    private WriteOut() {}
  }

  /** {@code struct fuse_release_in} and {@code struct fuse_flush_in}. */
  static final class CloseIn {
    static final int HANDLE = 0;

    /** Those of open(2); of a release only. */
    static final int FLAGS = 8;

    static final int BYTES = 24;

    private CloseIn() {}
  }

  /** {@code struct fuse_fsync_in}. */
  static final class FsyncIn {
    static final int HANDLE = 0;
    static final int FLAGS = 8;
    static final int BYTES = 16;

    /** FUSE_FSYNC_FDATASYNC. */
    static final int DATA_ONLY = 1;

    private FsyncIn() {}
  }

  /**
   * {@code struct fuse_setxattr_in} as long as no extension is agreed on; name and value follow.
   */
  static final class SetxattrIn {
    static final int SIZE = 0;
    static final int FLAGS = 4;
    static final int BYTES = 8;

    private SetxattrIn() {}
  }

  /** {@code struct fuse_fallocate_in}. */
  static final class FallocateIn {
    static final int HANDLE = 0;
    static final int OFFSET = 8;
    static final int LENGTH = 16;
    static final int MODE = 24;
    static final int BYTES = 32;

    private FallocateIn() {}
  }

  /** {@code struct fuse_lseek_in}. */
  static final class LseekIn {
    static final int HANDLE = 0;
    static final int OFFSET = 8;
    static final int WHENCE = 16;
    static final int BYTES = 24;

    private LseekIn() {}
  }

  /** {@code struct fuse_lseek_out}. */
  static final class LseekOut {
    static final int OFFSET = 0;
    static final int BYTES = 8;

    private LseekOut() {}
  }

  /** {@code struct fuse_copy_file_range_in}. */
  static final class CopyIn {
    static final int HANDLE = 0;
    static final int OFFSET = 8;
    static final int TO_NODE = 16;
    static final int TO_HANDLE = 24;
    static final int TO_OFFSET = 32;
    static final int LENGTH = 40;
    static final int BYTES = 56;

    private CopyIn() {}
  }
}
