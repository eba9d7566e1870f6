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

/**
 * System calls on names that only a file server needs, beside those of {@link Posix}; as those.
 * Thread-safe.
 */
public final class NameCalls {
  private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;
  private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG;
  private static final boolean ARM = System.getProperty("os.arch").equals("aarch64");

  /** For attributes only: nothing is read, and no right to read is needed. */
  public static final int O_PATH = 010000000;

  public static final int O_RDWR = 2;
  public static final int O_TRUNC = 01000;
  public static final int O_NONBLOCK = 04000;
  public static final int O_LARGEFILE = ARM ? 0400000 : 0100000;
  private static final int O_CLOEXEC = 02000000;

  /** renameat2(2): fails if the new name is there. */
  public static final int RENAME_NOREPLACE = 1;

  /** renameat2(2): both names are there, and change places. */
  public static final int RENAME_EXCHANGE = 2;

  /** utimensat(2): in place of the nanoseconds. */
  private static final long UTIME_NOW = 0x3fffffff;

  private static final long UTIME_OMIT = 0x3ffffffe;
  private static final int AT_SYMLINK_NOFOLLOW = 0x100;
  private static final int AT_EMPTY_PATH = 0x1000;

  private static final long SYS_OPENAT2 = 437; // the same on all architectures
  private static final long RESOLVE_NO_MAGICLINKS = 2;
  private static final long RESOLVE_NO_SYMLINKS = 4;
  private static final long RESOLVE_BENEATH = 8;
  private static final int OPEN_HOW_BYTES = 24;

  private static final MethodHandle SYSCALL =
      function(
          "syscall",
          FunctionDescriptor.of(LONG, LONG, LONG, LONG, LONG, LONG),
          Linker.Option.firstVariadicArg(1));
  private static final MethodHandle STATX =
      function("statx", FunctionDescriptor.of(INT, INT, LONG, INT, INT, LONG));
  private static final MethodHandle MKNODAT =
      function("mknodat", FunctionDescriptor.of(INT, INT, LONG, INT, LONG));
  private static final MethodHandle RENAMEAT2 =
      function("renameat2", FunctionDescriptor.of(INT, INT, LONG, INT, LONG, INT));
  private static final MethodHandle FCHOWNAT =
      function("fchownat", FunctionDescriptor.of(INT, INT, LONG, INT, INT, INT));
  private static final MethodHandle FCHMODAT =
      function("fchmodat", FunctionDescriptor.of(INT, INT, LONG, INT, INT));
  private static final MethodHandle UTIMENSAT =
      function("utimensat", FunctionDescriptor.of(INT, INT, LONG, LONG, INT));
  private static final MethodHandle NAME_TO_HANDLE =
      function("name_to_handle_at", FunctionDescriptor.of(INT, INT, LONG, LONG, LONG, INT));
  private static final MethodHandle OPEN_BY_HANDLE =
      function("open_by_handle_at", FunctionDescriptor.of(INT, INT, LONG, INT));
  private static final int HANDLE_BYTES = 128; // MAX_HANDLE_SZ of linux/exportfs.h
  private static final MethodHandle READLINKAT =
      function("readlinkat", FunctionDescriptor.of(LONG, INT, LONG, LONG, LONG));

  private NameCalls() {}

  /** Returns the path by which the kernel finds what is open, also with {@link #O_PATH}. */
  static byte[] path(int fd) {
    return ("/proc/self/fd/" + fd).getBytes(StandardCharsets.US_ASCII);
  }

  /**
   * openat2(2), closed on exec: opens what lies below an open directory; a symbolic link on the way
   * is an error (ELOOP), as is a way out (EXDEV).
   */
  public static int openBelow(int directory, byte[] path, int flags) {
    NameMemory memory = NameMemory.get();
    long name = NameMemory.put(path, memory.first);
    if (name == 0) {
      return -NameMemory.ENAMETOOLONG;
    }
    MemorySegment how = memory.answer;
    how.set(LONG, 0, flags | O_CLOEXEC);
    how.set(LONG, 8, 0);
    how.set(LONG, 16, RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS);
    MemorySegment state = state();
    try {
      long n =
          (long)
              SYSCALL.invokeExact(
                  state, SYS_OPENAT2, (long) directory, name, how.address(), (long) OPEN_HOW_BYTES);
      return n < 0 ? negativeErrno(state) : (int) n;
    } catch (Throwable t) {
      throw never(t);
    }
  }

  /** Opens what is open once more, closed on exec, with other flags; it may have no name left. */
  public static int openAgain(int fd, int flags) {
    return Posix.open(Posix.AT_FDCWD, path(fd), flags & ~Posix.O_NOFOLLOW, 0);
  }

  /** The last answer of statx(2) on this thread; valid after a call that did not fail. */
  public static FileDetails details() {
    return FileDetails.parse(NameMemory.get().answer);
  }

  /** statx(2) of a name, not following a link; the answer is {@link #details}. */
  public static int stat(int directory, byte[] name) {
    NameMemory memory = NameMemory.get();
    long path = NameMemory.put(name, memory.first);
    return path == 0
        ? -NameMemory.ENAMETOOLONG
        : statx(directory, path, AT_SYMLINK_NOFOLLOW, memory);
  }

  /** statx(2) of an open file, also with {@link #O_PATH}; the answer is {@link #details}. */
  public static int stat(int fd) {
    NameMemory memory = NameMemory.get();
    memory.first.set(ValueLayout.JAVA_BYTE, 0, (byte) 0);
    return statx(fd, memory.first.address(), AT_EMPTY_PATH, memory);
  }

  private static int statx(int directory, long path, int flags, NameMemory memory) {
    MemorySegment state = state();
    try {
      int n =
          (int)
              STATX.invokeExact(
                  state, directory, path, flags, FileDetails.MASK, memory.answer.address());
      return n < 0 ? negativeErrno(state) : n;
    } catch (Throwable t) {
      throw never(t);
    }
  }

  /** mknodat(2); {@code device} as the kernel encodes it in 32 bits, which glibc takes too. */
  public static int makeNode(int directory, byte[] name, int mode, int device) {
    long path = NameMemory.put(name, NameMemory.get().first);
    if (path == 0) {
      return -NameMemory.ENAMETOOLONG;
    }
    MemorySegment state = state();
    try {
      int n =
          (int) MKNODAT.invokeExact(state, directory, path, mode, Integer.toUnsignedLong(device));
      return n < 0 ? negativeErrno(state) : n;
    } catch (Throwable t) {
      throw never(t);
    }
  }

  /** renameat2(2). */
  public static int rename(int from, byte[] name, int to, byte[] newName, int flags) {
    NameMemory memory = NameMemory.get();
    long first = NameMemory.put(name, memory.first);
    long second = NameMemory.put(newName, memory.second);
    if (first == 0 || second == 0) {
      return -NameMemory.ENAMETOOLONG;
    }
    MemorySegment state = state();
    try {
      int n = (int) RENAMEAT2.invokeExact(state, from, first, to, second, flags);
      return n < 0 ? negativeErrno(state) : n;
    } catch (Throwable t) {
      throw never(t);
    }
  }

  /** fchownat(2) of an open file, also with {@link #O_PATH}; -1: stays. */
  public static int own(int fd, int uid, int gid) {
    NameMemory memory = NameMemory.get();
    memory.first.set(ValueLayout.JAVA_BYTE, 0, (byte) 0);
    MemorySegment state = state();
    try {
      int n =
          (int) FCHOWNAT.invokeExact(state, fd, memory.first.address(), uid, gid, AT_EMPTY_PATH);
      return n < 0 ? negativeErrno(state) : n;
    } catch (Throwable t) {
      throw never(t);
    }
  }

  /** fchownat(2) of a name, not following a link. */
  public static int own(int directory, byte[] name, int uid, int gid) {
    long path = NameMemory.put(name, NameMemory.get().first);
    MemorySegment state = state();
    try {
      int n = (int) FCHOWNAT.invokeExact(state, directory, path, uid, gid, AT_SYMLINK_NOFOLLOW);
      return n < 0 ? negativeErrno(state) : n;
    } catch (Throwable t) {
      throw never(t);
    }
  }

  /** chmod(2) of an open file, also with {@link #O_PATH}. */
  public static int permissions(int fd, int mode) {
    long path = NameMemory.put(path(fd), NameMemory.get().first);
    MemorySegment state = state();
    try {
      int n = (int) FCHMODAT.invokeExact(state, Posix.AT_FDCWD, path, mode, 0);
      return n < 0 ? negativeErrno(state) : n;
    } catch (Throwable t) {
      throw never(t);
    }
  }

  /**
   * utimensat(2) of an open file, also with {@link #O_PATH}: nanoseconds since 1970.
   *
   * @param accessed ignored if it {@code keepsAccessed}; {@code now}: the time of the call
   */
  public static int times(int fd, Time accessed, Time modified) {
    NameMemory memory = NameMemory.get();
    memory.first.set(ValueLayout.JAVA_BYTE, 0, (byte) 0);
    accessed.put(memory.answer, 0);
    modified.put(memory.answer, 16);
    MemorySegment state = state();
    try {
      int n =
          (int)
              UTIMENSAT.invokeExact(
                  state, fd, memory.first.address(), memory.answer.address(), AT_EMPTY_PATH);
      return n < 0 ? negativeErrno(state) : n;
    } catch (Throwable t) {
      throw never(t);
    }
  }

  /** A time to be set. */
  public sealed interface Time {
    /** It stays as it is. */
    record Kept() implements Time {}

    /** The time of the call. */
    record Now() implements Time {}

    /** Nanoseconds since 1970. */
    record At(long nanoseconds) implements Time {}

    private void put(MemorySegment to, long at) {
      long seconds = 0;
      long rest =
          switch (this) {
            case Kept kept -> UTIME_OMIT;
            case Now now -> UTIME_NOW;
            case At time -> Math.floorMod(time.nanoseconds(), 1_000_000_000L);
          };
      if (this instanceof At time) {
        seconds = Math.floorDiv(time.nanoseconds(), 1_000_000_000L);
      }
      to.set(LONG, at, seconds);
      to.set(LONG, at + 8, rest);
    }
  }

  /** readlinkat(2) of a symbolic link that is open with {@link #O_PATH}; null if it is none. */
  public static byte @org.jspecify.annotations.Nullable [] readLink(int fd) {
    NameMemory memory = NameMemory.get();
    memory.first.set(ValueLayout.JAVA_BYTE, 0, (byte) 0);
    try {
      long n =
          (long)
              READLINKAT.invokeExact(
                  state(),
                  fd,
                  memory.first.address(),
                  memory.second.address(),
                  (long) NameMemory.MOST);
      return n < 0 ? null : memory.second.asSlice(0, n).toArray(ValueLayout.JAVA_BYTE);
    } catch (Throwable t) {
      throw never(t);
    }
  }

  /**
   * name_to_handle_at(2) of an open file: what finds it again while it exists, in any process of
   * root's; null where the file system has no such thing.
   */
  public static byte @org.jspecify.annotations.Nullable [] handle(int fd) {
    NameMemory memory = NameMemory.get();
    memory.first.set(ValueLayout.JAVA_BYTE, 0, (byte) 0);
    memory.second.set(INT, 0, HANDLE_BYTES);
    try {
      int n =
          (int)
              NAME_TO_HANDLE.invokeExact(
                  state(),
                  fd,
                  memory.first.address(),
                  memory.second.address(),
                  memory.answer.address(),
                  AT_EMPTY_PATH);
      // struct file_handle: handle_bytes (4), handle_type (4), then so many bytes
      return n < 0
          ? null
          : memory.second.asSlice(0, 8L + memory.second.get(INT, 0)).toArray(ValueLayout.JAVA_BYTE);
    } catch (Throwable t) {
      throw never(t);
    }
  }

  /** open_by_handle_at(2), closed on exec; {@code on}: open on the same file system. */
  public static int openHandle(int on, byte[] handle, int flags) {
    NameMemory memory = NameMemory.get();
    MemorySegment.copy(handle, 0, memory.second, ValueLayout.JAVA_BYTE, 0, handle.length);
    MemorySegment state = state();
    try {
      int n =
          (int) OPEN_BY_HANDLE.invokeExact(state, on, memory.second.address(), flags | O_CLOEXEC);
      return n < 0 ? negativeErrno(state) : n;
    } catch (Throwable t) {
      throw never(t);
    }
  }
}
