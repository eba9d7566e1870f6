package io.revfs.fuse.kernel;

import io.revfs.fuse.SessionState;
import java.lang.foreign.MemorySegment;

/**
 * What was agreed at INIT. Flags are {@code FUSE_*} of linux/fuse.h, 64 bits; the upper half exists
 * since 7.36. Only what the kernel offers is taken.
 *
 * @param minor the protocol's minor version that both speak
 * @param flags what is in force
 * @param maxReadahead bytes
 * @param maxPages pages of 4 KiB in one request
 * @param pageCache whether opens are answered ENOSYS; otherwise they arrive
 */
record Negotiation(int minor, long flags, int maxReadahead, int maxPages, boolean pageCache) {
  static final long ASYNC_READ = 1;
  static final long ATOMIC_O_TRUNC = 1L << 3;
  static final long BIG_WRITES = 1L << 5;
  static final long AUTO_INVAL_DATA = 1L << 12;
  static final long DO_READDIRPLUS = 1L << 13;
  static final long READDIRPLUS_AUTO = 1L << 14;
  static final long NO_OPEN_SUPPORT = 1L << 17;
  static final long PARALLEL_DIROPS = 1L << 18;
  static final long MAX_PAGES = 1L << 22;
  static final long CACHE_SYMLINKS = 1L << 23;
  static final long NO_OPENDIR_SUPPORT = 1L << 24;
  static final long HANDLE_KILLPRIV_V2 = 1L << 28;
  static final long INIT_EXT = 1L << 30;
  static final long PASSTHROUGH = 1L << 37;
  static final long HAS_RESEND = 1L << 39;

  /** The oldest kernel spoken to: 5.4, of November 2019. */
  private static final int OLDEST_MINOR = 31;

  /** Of Linux 5.17; since 5.16 attributes are dropped when pages were written (file.c). */
  private static final int SEES_STORES_MINOR = 36;

  private static final long WANTED =
      ASYNC_READ
          | AUTO_INVAL_DATA
          | DO_READDIRPLUS
          | READDIRPLUS_AUTO
          | NO_OPEN_SUPPORT
          | PARALLEL_DIROPS
          | MAX_PAGES
          | CACHE_SYMLINKS
          | NO_OPENDIR_SUPPORT
          | HAS_RESEND;

  /**
   * For trees that can be written. Without HANDLE_KILLPRIV_V2 the kernel asks for an attribute
   * before each write(2); with it set-id bits are ours to take away when it says so.
   */
  private static final long WANTED_TO_WRITE = ATOMIC_O_TRUNC | BIG_WRITES | HANDLE_KILLPRIV_V2;

  private static final int MAX_BACKGROUND = 64;
  private static final int CONGESTION_THRESHOLD = 48;
  private static final int READAHEAD_BYTES = 1 << 20;
  private static final int DEFAULT_PAGES = 32;
  private static final int PAGES = 256;
  private static final int LEAST_WRITE_BYTES = 4096;
  private static final int STACK_DEPTH = 1;

  /** A working copy may lie on overlayfs, as in a container; nothing is stacked upon it then. */
  private static final int STACK_DEPTH_TO_WRITE = 2;

  /** The kernel's protocol cannot be spoken. */
  static final class UnsupportedKernelException extends Exception {
    private static final long serialVersionUID = 1L;

    UnsupportedKernelException(int major, int minor) {
      super(
          "the kernel speaks FUSE %d.%d; %d.%d (Linux 5.4) is needed"
              .formatted(major, minor, Wire.MAJOR, OLDEST_MINOR));
    }
  }

  /**
   * Reads an INIT request's body.
   *
   * @param wantPassthrough whether complete files are to be read by the kernel itself; then opens
   *     are answered, else, where the kernel allows it, they are not
   * @param writable whether the tree can be written; then opens are answered in any case
   */
  static Negotiation of(MemorySegment init, boolean wantPassthrough, boolean writable)
      throws UnsupportedKernelException {
    int major = Wire.getInt(init, Wire.InitIn.MAJOR);
    int minor = Wire.getInt(init, Wire.InitIn.MINOR);
    if (major != Wire.MAJOR || minor < OLDEST_MINOR) {
      throw new UnsupportedKernelException(major, minor);
    }
    long offered = Integer.toUnsignedLong(Wire.getInt(init, Wire.InitIn.FLAGS));
    if ((offered & INIT_EXT) != 0 && init.byteSize() >= Wire.InitIn.FLAGS2 + 4) {
      offered |= (long) Wire.getInt(init, Wire.InitIn.FLAGS2) << 32;
    }
    long flags = offered & WANTED;
    if (wantPassthrough) {
      flags |= offered & PASSTHROUGH;
    }
    if (writable) {
      flags |= offered & WANTED_TO_WRITE;
    }
    if (flags >>> 32 != 0) {
      flags |= INIT_EXT;
    }
    boolean pageCache = !wantPassthrough && !writable && (flags & NO_OPEN_SUPPORT) != 0;
    int pages = (flags & MAX_PAGES) != 0 ? PAGES : DEFAULT_PAGES;
    return new Negotiation(
        Math.min(minor, Wire.MINOR),
        flags,
        Math.max(Wire.getInt(init, Wire.InitIn.MAX_READAHEAD), READAHEAD_BYTES),
        pages,
        pageCache);
  }

  /** As {@link #of(MemorySegment, boolean, boolean)}, for a tree that is read only. */
  static Negotiation of(MemorySegment init, boolean wantPassthrough)
      throws UnsupportedKernelException {
    return of(init, wantPassthrough, false);
  }

  static Negotiation of(SessionState state) {
    return new Negotiation(
        state.minor(), state.flags(), state.maxReadahead(), state.maxPages(), state.pageCache());
  }

  SessionState state() {
    return new SessionState(minor, flags, maxReadahead, maxPages, pageCache);
  }

  boolean has(long flag) {
    return (flags & flag) != 0;
  }

  /** Returns whether the kernel drops attributes when a file was written through a mapping. */
  boolean seesStores() {
    return minor >= SEES_STORES_MINOR && !has(PASSTHROUGH);
  }

  /** Returns the most bytes that one READ asks for. */
  int mostReadBytes() {
    return maxPages * Wire.PAGE_BYTES;
  }

  /** Returns the most bytes that one WRITE brings. */
  int mostWriteBytes() {
    return has(BIG_WRITES) ? maxPages * Wire.PAGE_BYTES : LEAST_WRITE_BYTES;
  }

  /** Writes the INIT answer's body; returns its length. */
  int put(MemorySegment to, long at) {
    to.asSlice(at, Wire.InitOut.BYTES).fill((byte) 0);
    Wire.putInt(to, at + Wire.InitOut.MAJOR, Wire.MAJOR);
    Wire.putInt(to, at + Wire.InitOut.MINOR, minor);
    Wire.putInt(to, at + Wire.InitOut.MAX_READAHEAD, maxReadahead);
    Wire.putInt(to, at + Wire.InitOut.FLAGS, (int) flags);
    Wire.putShort(to, at + Wire.InitOut.MAX_BACKGROUND, MAX_BACKGROUND);
    Wire.putShort(to, at + Wire.InitOut.CONGESTION_THRESHOLD, CONGESTION_THRESHOLD);
    Wire.putInt(to, at + Wire.InitOut.MAX_WRITE, mostWriteBytes());
    Wire.putInt(to, at + Wire.InitOut.TIME_GRAN, 1);
    Wire.putShort(to, at + Wire.InitOut.MAX_PAGES, has(MAX_PAGES) ? maxPages : 0);
    Wire.putInt(to, at + Wire.InitOut.FLAGS2, (int) (flags >>> 32));
    int depth = has(BIG_WRITES) ? STACK_DEPTH_TO_WRITE : STACK_DEPTH;
    Wire.putInt(to, at + Wire.InitOut.MAX_STACK_DEPTH, has(PASSTHROUGH) ? depth : 0);
    return Wire.InitOut.BYTES;
  }
}
