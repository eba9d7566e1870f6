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
import java.nio.ByteOrder;
import java.util.concurrent.locks.LockSupport;

/**
 * System calls on open files. Results below zero are negated error numbers, as in {@link Posix}.
 * Thread-safe.
 */
public final class FileCalls {
  private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;
  private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG;
  private static final int ENODATA = 61;
  private static final int ERANGE = 34;
  private static final long FICLONE = 0x40049409L; // linux/fs.h: _IOW(0x94, 9, int)
  private static final int FADV_SEQUENTIAL = 2;
  private static final int LOCK_EX_NB = 2 | 4; // sys/file.h

  private static final MethodHandle READ =
      function("read", FunctionDescriptor.of(LONG, INT, LONG, LONG));
  private static final MethodHandle WRITE =
      function("write", FunctionDescriptor.of(LONG, INT, LONG, LONG));
  private static final MethodHandle PREAD =
      function("pread", FunctionDescriptor.of(LONG, INT, LONG, LONG, LONG));
  private static final MethodHandle IOCTL =
      function(
          "ioctl", FunctionDescriptor.of(INT, INT, LONG, LONG), Linker.Option.firstVariadicArg(2));
  private static final MethodHandle FADVISE =
      function("posix_fadvise", FunctionDescriptor.of(INT, INT, LONG, LONG, INT));
  private static final MethodHandle FLOCK = function("flock", FunctionDescriptor.of(INT, INT, INT));
  private static final MethodHandle PWRITE =
      function("pwrite", FunctionDescriptor.of(LONG, INT, LONG, LONG, LONG));
  private static final MethodHandle FSYNC = function("fsync", FunctionDescriptor.of(INT, INT));
  private static final MethodHandle FDATASYNC =
      function("fdatasync", FunctionDescriptor.of(INT, INT));
  private static final MethodHandle FTRUNCATE =
      function("ftruncate", FunctionDescriptor.of(INT, INT, LONG));
  private static final MethodHandle FALLOCATE =
      function("fallocate", FunctionDescriptor.of(INT, INT, INT, LONG, LONG));
  private static final MethodHandle LSEEK =
      function("lseek", FunctionDescriptor.of(LONG, INT, LONG, INT));
  private static final MethodHandle COPY =
      function("copy_file_range", FunctionDescriptor.of(LONG, INT, LONG, INT, LONG, LONG, INT));
  private static final MethodHandle GETDENTS =
      function("getdents64", FunctionDescriptor.of(LONG, INT, LONG, LONG));
  private static final MethodHandle FSTATFS =
      function("fstatfs", FunctionDescriptor.of(INT, INT, LONG));
  private static final MethodHandle GETXATTR =
      function("getxattr", FunctionDescriptor.of(LONG, LONG, LONG, LONG, LONG));
  private static final MethodHandle FGETXATTR =
      function("fgetxattr", FunctionDescriptor.of(LONG, INT, LONG, LONG, LONG));
  private static final MethodHandle LISTXATTR =
      function("listxattr", FunctionDescriptor.of(LONG, LONG, LONG, LONG));
  private static final MethodHandle SETXATTR =
      function("setxattr", FunctionDescriptor.of(INT, LONG, LONG, LONG, LONG, INT));
  private static final MethodHandle REMOVEXATTR =
      function("removexattr", FunctionDescriptor.of(INT, LONG, LONG));
  private static final MethodHandle FCNTL =
      function(
          "fcntl", FunctionDescriptor.of(INT, INT, INT, INT), Linker.Option.firstVariadicArg(2));

  private static final MethodHandle POLL =
      function("poll", FunctionDescriptor.of(INT, LONG, LONG, INT));
  private static final short POLLIN = 1;

  private static final int F_DUPFD_CLOEXEC = 1030;
  private static final int F_SETSIG = 10;
  private static final int F_SETLEASE = 1024;
  private static final int EAGAIN = 11;
  private static final int LEASE_TRIES = 10_000;
  private static final long LEASE_WAIT_NANOS = 100_000;
  private static final int F_RDLCK = 0;
  private static final int F_UNLCK = 2;
  private static final int SIGURG = 23;
  private static final long OVERLAYFS = 0x794c7630;

  private FileCalls() {}

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
      long n = (long) COPY.invokeExact(state, from, 0L, to, 0L, length, 0);
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

  /** pwrite(2) of the first {@code length} bytes; may write less. */
  public static int write(int fd, MemorySegment from, long length, long offset) {
    MemorySegment state = state();
    try {
      long n = (long) PWRITE.invokeExact(state, fd, from.address(), length, offset);
      return n < 0 ? negativeErrno(state) : (int) n;
    } catch (Throwable t) {
      throw never(t);
    }
  }

  /** fsync(2), or fdatasync(2). */
  public static int synchronize(int fd, boolean dataOnly) {
    MemorySegment state = state();
    try {
      int n =
          dataOnly ? (int) FDATASYNC.invokeExact(state, fd) : (int) FSYNC.invokeExact(state, fd);
      return n < 0 ? negativeErrno(state) : n;
    } catch (Throwable t) {
      throw never(t);
    }
  }

  /** ftruncate(2). */
  public static int truncate(int fd, long size) {
    MemorySegment state = state();
    try {
      int n = (int) FTRUNCATE.invokeExact(state, fd, size);
      return n < 0 ? negativeErrno(state) : n;
    } catch (Throwable t) {
      throw never(t);
    }
  }

  /** fallocate(2). */
  public static int allocate(int fd, int mode, long offset, long length) {
    MemorySegment state = state();
    try {
      int n = (int) FALLOCATE.invokeExact(state, fd, mode, offset, length);
      return n < 0 ? negativeErrno(state) : n;
    } catch (Throwable t) {
      throw never(t);
    }
  }

  /** lseek(2). */
  public static long seek(int fd, long offset, int whence) {
    MemorySegment state = state();
    try {
      long n = (long) LSEEK.invokeExact(state, fd, offset, whence);
      return n < 0 ? negativeErrno(state) : n;
    } catch (Throwable t) {
      throw never(t);
    }
  }

  /** copy_file_range(2) from one place to another; may copy less. */
  public static long copy(int from, long at, int to, long toAt, long length) {
    MemorySegment state = state();
    MemorySegment places = NameMemory.get().answer;
    places.set(LONG, 0, at);
    places.set(LONG, 8, toAt);
    try {
      long n =
          (long)
              COPY.invokeExact(state, from, places.address(), to, places.address() + 8, length, 0);
      return n < 0 ? negativeErrno(state) : n;
    } catch (Throwable t) {
      throw never(t);
    }
  }

  /** getdents64(2): entries of an open directory from its position on; 0 at the end. */
  public static int entries(int fd, MemorySegment to) {
    MemorySegment state = state();
    try {
      long n = (long) GETDENTS.invokeExact(state, fd, to.address(), to.byteSize());
      return n < 0 ? negativeErrno(state) : (int) n;
    } catch (Throwable t) {
      throw never(t);
    }
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
    MemorySegment entries = NameMemory.get().directory();
    try {
      while (true) {
        long n = (long) GETDENTS.invokeExact(state, fd, entries.address(), entries.byteSize());
        if (n <= 0) {
          return n < 0 ? negativeErrno(state) : 0;
        }
        byte[] block = entries.asSlice(0, n).toArray(ValueLayout.JAVA_BYTE);
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

  /** fcntl(2): another descriptor of the same open file, closed on exec. */
  public static int duplicate(int fd) {
    MemorySegment state = state();
    try {
      int n = (int) FCNTL.invokeExact(state, fd, F_DUPFD_CLOEXEC, 0);
      return n < 0 ? negativeErrno(state) : n;
    } catch (Throwable t) {
      throw never(t);
    }
  }

  /**
   * Returns whether anybody has a file open for writing, or mapped so; true also where that cannot
   * be told. A lease to read is not given while somebody has (fcntl(2)); for the moment that we
   * have it, who opens the file for writing waits, or gets EAGAIN ({@link #openPastLease}).
   *
   * @param fd the file, open for reading only
   */
  public static boolean isOpenForWriting(int fd) {
    if (fileSystem(fd) == OVERLAYFS) {
      return true; // there a mapping is of the file below that one
    }
    MemorySegment state = state();
    try {
      // Who wants the lease broken sends a signal: one that is ignored, as SIGIO would end us.
      if ((int) FCNTL.invokeExact(state, fd, F_SETSIG, SIGURG) < 0
          || (int) FCNTL.invokeExact(state, fd, F_SETLEASE, F_RDLCK) < 0) {
        return true;
      }
      int unused = (int) FCNTL.invokeExact(state, fd, F_SETLEASE, F_UNLCK);
      return false;
    } catch (Throwable t) {
      throw never(t);
    }
  }

  /**
   * openat(2) of what is there, with O_NONBLOCK among the flags so that no named pipe is waited
   * for, and tried again where that is why it fails at a lease such as {@link #isOpenForWriting}
   * takes. Others' leases are waited for a second.
   *
   * @return the descriptor, or a negative error number
   */
  public static int openPastLease(int directory, byte[] name, int flags) {
    int fd = Posix.open(directory, name, flags, 0);
    for (int i = 0; fd == -EAGAIN && i < LEASE_TRIES; i++) {
      LockSupport.parkNanos(LEASE_WAIT_NANOS);
      fd = Posix.open(directory, name, flags, 0);
    }
    return fd;
  }

  /** poll(2), which does not wait: whether reading would not have to. */
  public static boolean isReadable(int fd) {
    MemorySegment one = NameMemory.get().answer;
    one.set(INT, 0, fd);
    one.set(ValueLayout.JAVA_SHORT, 4, POLLIN);
    one.set(ValueLayout.JAVA_SHORT, 6, (short) 0);
    try {
      return (int) POLL.invokeExact(state(), one.address(), 1L, 0) != 0;
    } catch (Throwable t) {
      throw never(t);
    }
  }

  /**
   * What a file system has room for.
   *
   * @param blockBytes the unit of the next three
   */
  public record Room(
      long blockBytes, long blocks, long free, long available, long files, long freeFiles) {}

  /** fstatfs(2); null if it fails. */
  public static @org.jspecify.annotations.Nullable Room room(int fd) {
    MemorySegment state = state();
    MemorySegment answer = NameMemory.get().answer;
    try {
      // bits/statfs.h on 64 bits: f_type, f_bsize, f_blocks, f_bfree, f_bavail, f_files, f_ffree,
      // f_fsid, f_namelen, f_frsize, 8 bytes each.
      int n = (int) FSTATFS.invokeExact(state, fd, answer.address());
      return n < 0
          ? null
          : new Room(
              answer.get(LONG, 8),
              answer.get(LONG, 16),
              answer.get(LONG, 24),
              answer.get(LONG, 32),
              answer.get(LONG, 40),
              answer.get(LONG, 48));
    } catch (Throwable t) {
      throw never(t);
    }
  }

  /**
   * Returns an extended attribute of an open file, which may be open with {@code O_PATH}.
   *
   * @return the length, at most that of {@code to}
   */
  public static int attribute(int fd, byte[] name, MemorySegment to) {
    NameMemory memory = NameMemory.get();
    long path = NameMemory.put(NameCalls.path(fd), memory.first);
    long attribute = NameMemory.put(name, memory.second);
    if (attribute == 0) {
      return -ENODATA;
    }
    MemorySegment state = state();
    try {
      long n = (long) GETXATTR.invokeExact(state, path, attribute, to.address(), to.byteSize());
      return n < 0 ? negativeErrno(state) : (int) n;
    } catch (Throwable t) {
      throw never(t);
    }
  }

  /** Returns whether a file that is open for reading or writing has an extended attribute. */
  public static boolean hasAttribute(int fd, byte[] name) {
    long attribute = NameMemory.put(name, NameMemory.get().second);
    try {
      return attribute != 0 && (long) FGETXATTR.invokeExact(state(), fd, attribute, 0L, 0L) >= 0;
    } catch (Throwable t) {
      throw never(t);
    }
  }

  /** Returns the names of an open file's extended attributes, each with a NUL. */
  public static int attributes(int fd, MemorySegment to) {
    long path = NameMemory.put(NameCalls.path(fd), NameMemory.get().first);
    MemorySegment state = state();
    try {
      long n = (long) LISTXATTR.invokeExact(state, path, to.address(), to.byteSize());
      return n < 0 ? negativeErrno(state) : (int) n;
    } catch (Throwable t) {
      throw never(t);
    }
  }

  /** Sets an extended attribute of an open file; {@code flags} are those of setxattr(2). */
  public static int setAttribute(int fd, byte[] name, MemorySegment value, int flags) {
    NameMemory memory = NameMemory.get();
    long path = NameMemory.put(NameCalls.path(fd), memory.first);
    long attribute = NameMemory.put(name, memory.second);
    if (attribute == 0) {
      return -ERANGE;
    }
    MemorySegment state = state();
    try {
      int n =
          (int)
              SETXATTR.invokeExact(
                  state, path, attribute, value.address(), value.byteSize(), flags);
      return n < 0 ? negativeErrno(state) : n;
    } catch (Throwable t) {
      throw never(t);
    }
  }

  /** Removes an extended attribute of an open file. */
  public static int removeAttribute(int fd, byte[] name) {
    NameMemory memory = NameMemory.get();
    long path = NameMemory.put(NameCalls.path(fd), memory.first);
    long attribute = NameMemory.put(name, memory.second);
    if (attribute == 0) {
      return -ENODATA;
    }
    MemorySegment state = state();
    try {
      int n = (int) REMOVEXATTR.invokeExact(state, path, attribute);
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
    MemorySegment answer = NameMemory.get().stat; // struct statfs: its first field is the kind
    try {
      int n = (int) FSTATFS.invokeExact(state(), fd, answer.address());
      return n < 0 ? -1 : answer.get(LONG, 0) & 0xffffffffL;
    } catch (Throwable t) {
      throw never(t);
    }
  }
}
