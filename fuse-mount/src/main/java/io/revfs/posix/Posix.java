package io.revfs.posix;

import static io.revfs.posix.CLibrary.function;
import static io.revfs.posix.CLibrary.negativeErrno;
import static io.revfs.posix.CLibrary.never;
import static io.revfs.posix.CLibrary.state;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * System calls on files. A name is bytes without NUL, relative to an open directory, or to the
 * process's with {@link #AT_FDCWD}, or absolute. Results below zero are negated error numbers
 * ({@link PosixFailure#check} makes exceptions of them), so expected failures cost nothing.
 * Thread-safe.
 *
 * <p>Long, as each call is its own method: its own signature is what makes it quick.
 */
public final class Posix {
  private static final boolean ARM = System.getProperty("os.arch").equals("aarch64");

  // asm-generic/fcntl.h; arm64 has some of its own
  public static final int O_RDONLY = 0;
  public static final int O_WRONLY = 1;
  public static final int O_RDWR = 2;
  public static final int O_CREAT = 0100;
  public static final int O_EXCL = 0200;
  public static final int O_DIRECTORY = ARM ? 040000 : 0200000;
  public static final int O_NOFOLLOW = ARM ? 0100000 : 0400000;
  private static final int O_CLOEXEC = 02000000;

  /** A file without a name, in the directory that is opened. */
  public static final int O_TMPFILE = 020000000 | O_DIRECTORY;

  /** Stands for the process's directory. */
  public static final int AT_FDCWD = -100;

  private static final int AT_SYMLINK_NOFOLLOW = 0x100;
  private static final int AT_REMOVEDIR = 0x200;
  private static final int AT_SYMLINK_FOLLOW = 0x400;
  private static final int AT_EMPTY_PATH = 0x1000;
  private static final int STATX_BASIC_STATS = 0x7ff;
  private static final long FICLONE = 0x40049409L; // linux/fs.h: _IOW(0x94, 9, int)
  private static final int FADV_SEQUENTIAL = 2;

  private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;
  private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG;
  private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT;
  private static final ValueLayout.OfByte BYTE = ValueLayout.JAVA_BYTE;

  private static final MethodHandle OPENAT =
      function(
          "openat",
          FunctionDescriptor.of(INT, INT, LONG, INT, INT),
          Linker.Option.firstVariadicArg(3));
  private static final MethodHandle CLOSE = function("close", FunctionDescriptor.of(INT, INT));
  private static final MethodHandle READ =
      function("read", FunctionDescriptor.of(LONG, INT, LONG, LONG));
  private static final MethodHandle WRITE =
      function("write", FunctionDescriptor.of(LONG, INT, LONG, LONG));
  private static final MethodHandle PREAD =
      function("pread", FunctionDescriptor.of(LONG, INT, LONG, LONG, LONG));
  private static final MethodHandle COPY_FILE_RANGE =
      function("copy_file_range", FunctionDescriptor.of(LONG, INT, LONG, INT, LONG, LONG, INT));
  private static final MethodHandle STATX =
      function("statx", FunctionDescriptor.of(INT, INT, LONG, INT, INT, LONG));
  private static final MethodHandle GETDENTS =
      function("getdents64", FunctionDescriptor.of(LONG, INT, LONG, LONG));
  private static final MethodHandle LINKAT =
      function("linkat", FunctionDescriptor.of(INT, INT, LONG, INT, LONG, INT));
  private static final MethodHandle SYMLINKAT =
      function("symlinkat", FunctionDescriptor.of(INT, LONG, INT, LONG));
  private static final MethodHandle READLINKAT =
      function("readlinkat", FunctionDescriptor.of(LONG, INT, LONG, LONG, LONG));
  private static final MethodHandle RENAMEAT =
      function("renameat", FunctionDescriptor.of(INT, INT, LONG, INT, LONG));
  private static final MethodHandle UNLINKAT =
      function("unlinkat", FunctionDescriptor.of(INT, INT, LONG, INT));
  private static final MethodHandle MKDIRAT =
      function("mkdirat", FunctionDescriptor.of(INT, INT, LONG, INT));
  private static final MethodHandle FCHMODAT =
      function("fchmodat", FunctionDescriptor.of(INT, INT, LONG, INT, INT));
  private static final MethodHandle FCHMOD =
      function("fchmod", FunctionDescriptor.of(INT, INT, INT));
  private static final MethodHandle IOCTL =
      function(
          "ioctl", FunctionDescriptor.of(INT, INT, LONG, LONG), Linker.Option.firstVariadicArg(2));
  private static final MethodHandle FADVISE =
      function("posix_fadvise", FunctionDescriptor.of(INT, INT, LONG, LONG, INT));

  private static final MethodHandle FSTATFS =
      function("fstatfs", FunctionDescriptor.of(INT, INT, LONG));
  private static final MethodHandle FLOCK = function("flock", FunctionDescriptor.of(INT, INT, INT));

  private static final int LOCK_EX_NB = 2 | 4; // sys/file.h
  private static final int NAME_BYTES = 4096;
  private static final int DIRECTORY_BYTES = 64 << 10;

  /** Memory of one thread for names and what the kernel answers. */
  private static final class Scratch {
    final MemorySegment first = Arena.ofAuto().allocate(NAME_BYTES + 1);
    final MemorySegment second = Arena.ofAuto().allocate(NAME_BYTES + 1);
    final MemorySegment stat = Arena.ofAuto().allocate(256, 8);
    @Nullable MemorySegment directory;

    MemorySegment directory() {
      if (directory == null) {
        directory = Arena.ofAuto().allocate(DIRECTORY_BYTES, 8);
      }
      return directory;
    }
  }

  private static final ThreadLocal<Scratch> SCRATCH = ThreadLocal.withInitial(Scratch::new);
  private static final int ENAMETOOLONG = 36;

  private Posix() {}

  /** Puts a name into memory; 0 if it is too long. */
  private static long put(byte[] name, MemorySegment at) {
    if (name.length > NAME_BYTES) {
      return 0;
    }
    MemorySegment.copy(name, 0, at, BYTE, 0, name.length);
    at.set(BYTE, name.length, (byte) 0);
    return at.address();
  }

  /** openat(2), closed on exec; returns a descriptor. */
  public static int open(int directory, byte[] name, int flags, int mode) {
    long path = put(name, SCRATCH.get().first);
    if (path == 0) {
      return -ENAMETOOLONG;
    }
    MemorySegment state = state();
    try {
      int n = (int) OPENAT.invokeExact(state, directory, path, flags | O_CLOEXEC, mode);
      return n < 0 ? negativeErrno(state) : n;
    } catch (Throwable t) {
      throw never(t);
    }
  }

  /** close(2); returns 0 or why bytes written may be lost. */
  public static int close(int fd) {
    MemorySegment state = state();
    try {
      int n = (int) CLOSE.invokeExact(state, fd);
      return n < 0 ? negativeErrno(state) : n;
    } catch (Throwable t) {
      throw never(t);
    }
  }

  /** read(2) into the first {@code length} bytes; returns how many, 0 at the end. */
  public static int read(int fd, MemorySegment to, long length) {
    MemorySegment state = state();
    try {
      long n = (long) READ.invokeExact(state, fd, to.address(), length);
      return n < 0 ? negativeErrno(state) : (int) n;
    } catch (Throwable t) {
      throw never(t);
    }
  }

  /** pread(2) into the first {@code length} bytes; returns how many, 0 at the end. */
  public static int readAt(int fd, MemorySegment to, long length, long offset) {
    MemorySegment state = state();
    try {
      long n = (long) PREAD.invokeExact(state, fd, to.address(), length, offset);
      return n < 0 ? negativeErrno(state) : (int) n;
    } catch (Throwable t) {
      throw never(t);
    }
  }

  /** copy_file_range(2) from where one file is to where the other is; returns how many bytes. */
  public static long copyRange(int from, int to, long length) {
    MemorySegment state = state();
    try {
      long n = (long) COPY_FILE_RANGE.invokeExact(state, from, 0L, to, 0L, length, 0);
      return n < 0 ? negativeErrno(state) : n;
    } catch (Throwable t) {
      throw never(t);
    }
  }

  /** write(2) of the first {@code length} bytes, all of them. */
  public static int writeAll(int fd, MemorySegment from, long length) {
    MemorySegment state = state();
    try {
      long done = 0;
      while (done < length) {
        long n = (long) WRITE.invokeExact(state, fd, from.address() + done, length - done);
        if (n < 0) {
          return negativeErrno(state);
        }
        done += n;
      }
      return 0;
    } catch (Throwable t) {
      throw never(t);
    }
  }

  /** Returns what the kernel says of an open file, or null if it fails. */
  public static @Nullable FileStat stat(int fd) {
    Scratch scratch = SCRATCH.get();
    scratch.first.set(BYTE, 0, (byte) 0);
    return statx(fd, scratch.first.address(), AT_EMPTY_PATH, scratch) < 0
        ? null
        : parse(scratch.stat);
  }

  /** Returns what the kernel says of a file, or null if it is not there or cannot be seen. */
  public static @Nullable FileStat stat(int directory, byte[] name, boolean followLinks) {
    Scratch scratch = SCRATCH.get();
    long path = put(name, scratch.first);
    if (path == 0 || statx(directory, path, followLinks ? 0 : AT_SYMLINK_NOFOLLOW, scratch) < 0) {
      return null;
    }
    return parse(scratch.stat);
  }

  private static int statx(int directory, long path, int flags, Scratch scratch) {
    MemorySegment state = state();
    try {
      int n =
          (int)
              STATX.invokeExact(
                  state, directory, path, flags, STATX_BASIC_STATS, scratch.stat.address());
      return n < 0 ? negativeErrno(state) : n;
    } catch (Throwable t) {
      throw never(t);
    }
  }

  /** linux/stat.h, struct statx: the same on all architectures. */
  private static FileStat parse(MemorySegment s) {
    return new FileStat(
        ((long) s.get(INT, 136) << 32)
            | Integer.toUnsignedLong(s.get(INT, 140)), // stx_dev_major, _minor
        s.get(LONG, 32),
        s.get(SHORT, 28) & 0xffff,
        s.get(INT, 16),
        s.get(LONG, 40),
        time(s, 112),
        time(s, 96));
  }

  private static long time(MemorySegment s, long at) {
    return s.get(LONG, at) * 1_000_000_000L + s.get(INT, at + 8);
  }

  /** {@code d_type} of dirent.h. */
  public static final int TYPE_DIRECTORY = 4;

  public static final int TYPE_FILE = 8;

  /** Takes the names in a directory. */
  @FunctionalInterface
  public interface NameVisitor {
    /**
     * Takes one.
     *
     * @param type {@code d_type} of dirent.h: 4 a directory, 8 a file, 10 a symbolic link, 0
     *     unknown
     */
    void visit(byte[] name, int type);
  }

  /** Passes all names in an open directory but {@code .} and {@code ..}; returns 0. */
  public static int list(int fd, NameVisitor visitor) {
    MemorySegment state = state();
    MemorySegment entries = SCRATCH.get().directory();
    try {
      while (true) {
        long n = (long) GETDENTS.invokeExact(state, fd, entries.address(), (long) DIRECTORY_BYTES);
        if (n <= 0) {
          return n < 0 ? negativeErrno(state) : 0;
        }
        byte[] block = entries.asSlice(0, n).toArray(BYTE);
        visit(block, visitor);
      }
    } catch (Throwable t) {
      throw never(t);
    }
  }

  /** linux/dirent.h, struct linux_dirent64: inode (8), offset (8), length (2), type (1), name. */
  private static void visit(byte[] block, NameVisitor visitor) {
    for (int at = 0; at < block.length; ) {
      int first = block[at + 16] & 0xff;
      int second = block[at + 17] & 0xff;
      boolean little = ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN;
      int length = little ? (second << 8) | first : (first << 8) | second;
      int start = at + 19;
      int end = start;
      while (block[end] != 0) {
        end++;
      }
      boolean dots =
          block[start] == '.'
              && (end == start + 1 || (end == start + 2 && block[start + 1] == '.'));
      if (!dots) {
        visitor.visit(java.util.Arrays.copyOfRange(block, start, end), block[at + 18]);
      }
      at += length;
    }
  }

  /** linkat(2): gives a file, not what a symbolic link leads to, another name. */
  public static int link(int fromDirectory, byte[] from, int toDirectory, byte[] to) {
    Scratch scratch = SCRATCH.get();
    long first = put(from, scratch.first);
    long second = put(to, scratch.second);
    return first == 0 || second == 0
        ? -ENAMETOOLONG
        : linkAt(fromDirectory, first, toDirectory, second, 0);
  }

  /** linkat(2) of an open file, which may have no name yet. */
  public static int linkOpen(int fd, int directory, byte[] name) {
    Scratch scratch = SCRATCH.get();
    long path = put(name, scratch.first);
    if (path == 0) {
      return -ENAMETOOLONG;
    }
    scratch.second.set(BYTE, 0, (byte) 0);
    int linked = linkAt(fd, scratch.second.address(), directory, path, AT_EMPTY_PATH);
    if (linked != -PosixFailure.ENOENT) {
      return linked;
    }
    // Before Linux 6.10 that is for those who may read everything; or the directory is not there.
    byte[] open = ("/proc/self/fd/" + fd).getBytes(StandardCharsets.US_ASCII);
    return linkAt(AT_FDCWD, put(open, scratch.second), directory, path, AT_SYMLINK_FOLLOW);
  }

  private static int linkAt(int fromDirectory, long from, int toDirectory, long to, int flags) {
    MemorySegment state = state();
    try {
      int n = (int) LINKAT.invokeExact(state, fromDirectory, from, toDirectory, to, flags);
      return n < 0 ? negativeErrno(state) : n;
    } catch (Throwable t) {
      throw never(t);
    }
  }

  /** renameat(2): replaces what has the other name. */
  public static int rename(int fromDirectory, byte[] from, int toDirectory, byte[] to) {
    Scratch scratch = SCRATCH.get();
    long first = put(from, scratch.first);
    long second = put(to, scratch.second);
    if (first == 0 || second == 0) {
      return -ENAMETOOLONG;
    }
    MemorySegment state = state();
    try {
      int n = (int) RENAMEAT.invokeExact(state, fromDirectory, first, toDirectory, second);
      return n < 0 ? negativeErrno(state) : n;
    } catch (Throwable t) {
      throw never(t);
    }
  }

  /** symlinkat(2). */
  public static int symbolicLink(byte[] target, int directory, byte[] name) {
    Scratch scratch = SCRATCH.get();
    long first = put(target, scratch.first);
    long second = put(name, scratch.second);
    if (first == 0 || second == 0) {
      return -ENAMETOOLONG;
    }
    MemorySegment state = state();
    try {
      int n = (int) SYMLINKAT.invokeExact(state, first, directory, second);
      return n < 0 ? negativeErrno(state) : n;
    } catch (Throwable t) {
      throw never(t);
    }
  }

  /** readlinkat(2); null if it is no symbolic link. */
  public static byte @Nullable [] readLink(int directory, byte[] name) {
    Scratch scratch = SCRATCH.get();
    long path = put(name, scratch.first);
    if (path == 0) {
      return null;
    }
    try {
      long n =
          (long)
              READLINKAT.invokeExact(
                  state(), directory, path, scratch.second.address(), (long) NAME_BYTES);
      return n < 0 ? null : scratch.second.asSlice(0, n).toArray(BYTE);
    } catch (Throwable t) {
      throw never(t);
    }
  }

  /** unlinkat(2) of a file. */
  public static int unlink(int directory, byte[] name) {
    return one(UNLINKAT, directory, name, 0);
  }

  /** unlinkat(2) of an empty directory. */
  public static int removeDirectory(int directory, byte[] name) {
    return one(UNLINKAT, directory, name, AT_REMOVEDIR);
  }

  /** mkdirat(2). */
  public static int makeDirectory(int directory, byte[] name, int mode) {
    return one(MKDIRAT, directory, name, mode);
  }

  private static int one(MethodHandle call, int directory, byte[] name, int argument) {
    long path = put(name, SCRATCH.get().first);
    if (path == 0) {
      return -ENAMETOOLONG;
    }
    MemorySegment state = state();
    try {
      int n = (int) call.invokeExact(state, directory, path, argument);
      return n < 0 ? negativeErrno(state) : n;
    } catch (Throwable t) {
      throw never(t);
    }
  }

  /** fchmodat(2). */
  public static int permissions(int directory, byte[] name, int mode) {
    long path = put(name, SCRATCH.get().first);
    if (path == 0) {
      return -ENAMETOOLONG;
    }
    MemorySegment state = state();
    try {
      int n = (int) FCHMODAT.invokeExact(state, directory, path, mode, 0);
      return n < 0 ? negativeErrno(state) : n;
    } catch (Throwable t) {
      throw never(t);
    }
  }

  /** fchmod(2). */
  public static int permissions(int fd, int mode) {
    MemorySegment state = state();
    try {
      int n = (int) FCHMOD.invokeExact(state, fd, mode);
      return n < 0 ? negativeErrno(state) : n;
    } catch (Throwable t) {
      throw never(t);
    }
  }

  /** Makes an open file a clone of another: the bytes are shared until one of them is written. */
  public static int cloneFile(int from, int to) {
    MemorySegment state = state();
    try {
      int n = (int) IOCTL.invokeExact(state, to, FICLONE, (long) from);
      return n < 0 ? negativeErrno(state) : n;
    } catch (Throwable t) {
      throw never(t);
    }
  }

  /**
   * Locks an open file for this descriptor alone, by flock(2), as DVC does; without waiting. The
   * lock ends when the descriptor is closed.
   */
  public static int lock(int fd) {
    MemorySegment state = state();
    try {
      int n = (int) FLOCK.invokeExact(state, fd, LOCK_EX_NB);
      return n < 0 ? negativeErrno(state) : n;
    } catch (Throwable t) {
      throw never(t);
    }
  }

  /** Tells the kernel that the file is read from its begin to its end; a hint. */
  public static void readAhead(int fd) {
    try {
      int unused = (int) FADVISE.invokeExact(state(), fd, 0L, 0L, FADV_SEQUENTIAL);
    } catch (Throwable t) {
      throw never(t);
    }
  }

  /** Returns the kernel's number for the kind of file system that an open file is on, or -1. */
  public static long fileSystem(int fd) {
    MemorySegment answer = SCRATCH.get().stat; // struct statfs: its first field is the kind
    try {
      int n = (int) FSTATFS.invokeExact(state(), fd, answer.address());
      return n < 0 ? -1 : answer.get(LONG, 0) & 0xffffffffL;
    } catch (Throwable t) {
      throw never(t);
    }
  }
}
