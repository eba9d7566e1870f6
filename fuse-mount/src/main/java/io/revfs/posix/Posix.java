package io.revfs.posix;

import static io.revfs.posix.CLibrary.function;
import static io.revfs.posix.CLibrary.negativeErrno;
import static io.revfs.posix.CLibrary.never;
import static io.revfs.posix.CLibrary.state;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * System calls on files by their names; {@link FileCalls} has those on open files. A name is bytes
 * without NUL, relative to an open directory, or to the process's with {@link #AT_FDCWD}, or
 * absolute. Results below zero are negated error numbers ({@link PosixFailure#check} makes
 * exceptions of them), so expected failures cost nothing. Thread-safe.
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

  private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;
  private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG;
  private static final ValueLayout.OfByte BYTE = ValueLayout.JAVA_BYTE;

  private static final MethodHandle OPENAT =
      function(
          "openat",
          FunctionDescriptor.of(INT, INT, LONG, INT, INT),
          Linker.Option.firstVariadicArg(3));
  private static final MethodHandle CLOSE = function("close", FunctionDescriptor.of(INT, INT));
  private static final MethodHandle STATX =
      function("statx", FunctionDescriptor.of(INT, INT, LONG, INT, INT, LONG));
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

  private Posix() {}

  /** openat(2), closed on exec; returns a descriptor. */
  public static int open(int directory, byte[] name, int flags, int mode) {
    long path = NameMemory.put(name, NameMemory.get().first);
    if (path == 0) {
      return -NameMemory.ENAMETOOLONG;
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

  /** Returns what the kernel says of an open file, or null if it fails. */
  public static @Nullable FileStat stat(int fd) {
    NameMemory memory = NameMemory.get();
    memory.first.set(BYTE, 0, (byte) 0);
    return statx(fd, memory.first.address(), AT_EMPTY_PATH, memory) < 0
        ? null
        : FileStat.parse(memory.stat);
  }

  /** Returns what the kernel says of a file, or null if it is not there or cannot be seen. */
  public static @Nullable FileStat stat(int directory, byte[] name, boolean followLinks) {
    NameMemory memory = NameMemory.get();
    long path = NameMemory.put(name, memory.first);
    if (path == 0 || statx(directory, path, followLinks ? 0 : AT_SYMLINK_NOFOLLOW, memory) < 0) {
      return null;
    }
    return FileStat.parse(memory.stat);
  }

  private static int statx(int directory, long path, int flags, NameMemory memory) {
    MemorySegment state = state();
    try {
      int n =
          (int)
              STATX.invokeExact(
                  state, directory, path, flags, STATX_BASIC_STATS, memory.stat.address());
      return n < 0 ? negativeErrno(state) : n;
    } catch (Throwable t) {
      throw never(t);
    }
  }

  /** linkat(2): gives a file, not what a symbolic link leads to, another name. */
  public static int link(int fromDirectory, byte[] from, int toDirectory, byte[] to) {
    NameMemory memory = NameMemory.get();
    long first = NameMemory.put(from, memory.first);
    long second = NameMemory.put(to, memory.second);
    return first == 0 || second == 0
        ? -NameMemory.ENAMETOOLONG
        : linkAt(fromDirectory, first, toDirectory, second, 0);
  }

  /** linkat(2) of an open file, which may have no name yet. */
  public static int linkOpen(int fd, int directory, byte[] name) {
    NameMemory memory = NameMemory.get();
    long path = NameMemory.put(name, memory.first);
    if (path == 0) {
      return -NameMemory.ENAMETOOLONG;
    }
    memory.second.set(BYTE, 0, (byte) 0);
    int linked = linkAt(fd, memory.second.address(), directory, path, AT_EMPTY_PATH);
    if (linked != -PosixFailure.ENOENT) {
      return linked;
    }
    // Before Linux 6.10 that is for those who may read everything; or the directory is not there.
    byte[] open = ("/proc/self/fd/" + fd).getBytes(StandardCharsets.US_ASCII);
    return linkAt(
        AT_FDCWD, NameMemory.put(open, memory.second), directory, path, AT_SYMLINK_FOLLOW);
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
    NameMemory memory = NameMemory.get();
    long first = NameMemory.put(from, memory.first);
    long second = NameMemory.put(to, memory.second);
    if (first == 0 || second == 0) {
      return -NameMemory.ENAMETOOLONG;
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
    NameMemory memory = NameMemory.get();
    long first = NameMemory.put(target, memory.first);
    long second = NameMemory.put(name, memory.second);
    if (first == 0 || second == 0) {
      return -NameMemory.ENAMETOOLONG;
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
    NameMemory memory = NameMemory.get();
    long path = NameMemory.put(name, memory.first);
    if (path == 0) {
      return null;
    }
    try {
      long n =
          (long)
              READLINKAT.invokeExact(
                  state(), directory, path, memory.second.address(), (long) NameMemory.MOST);
      return n < 0 ? null : memory.second.asSlice(0, n).toArray(BYTE);
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
    long path = NameMemory.put(name, NameMemory.get().first);
    if (path == 0) {
      return -NameMemory.ENAMETOOLONG;
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
    long path = NameMemory.put(name, NameMemory.get().first);
    if (path == 0) {
      return -NameMemory.ENAMETOOLONG;
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
}
