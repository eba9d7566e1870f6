package io.revfs.fuse.device;

import io.revfs.posix.CLibrary;
import java.io.FileDescriptor;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.channels.FileChannel;

/**
 * The system calls of a session, by the C library's functions. Failures are returned as negative
 * error numbers, so the calls of the hot path allocate nothing. Thread-safe.
 */
public final class NativeCalls {
  // asm-generic/fcntl.h, sys/mount.h, linux/fadvise.h
  static final int O_RDWR = 2;
  static final int O_CLOEXEC = 02000000;
  static final long MS_RDONLY = 1;
  static final long MS_NOSUID = 2;
  static final long MS_NODEV = 4;
  private static final int F_DUPFD = 0;
  private static final int FADV_DONTNEED = 4;
  private static final long SYS_PIDFD_OPEN = 434; // these are the same on all architectures
  private static final long SYS_PIDFD_GETFD = 438;
  private static final long SYS_CACHESTAT = 451;

  // linux/fuse.h: _IOR(229, 0, uint32_t), _IOW(229, 1, struct fuse_backing_map), _IOW(229, 2, u32)
  static final long IOC_CLONE = 0x8004E500L;
  public static final long IOC_BACKING_OPEN = 0x4010E501L;
  public static final long IOC_BACKING_CLOSE = 0x4004E502L;

  private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;
  private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG;

  private static final MethodHandle READ =
      CLibrary.function("read", FunctionDescriptor.of(LONG, INT, LONG, LONG));
  private static final MethodHandle WRITE =
      CLibrary.function("write", FunctionDescriptor.of(LONG, INT, LONG, LONG));
  private static final MethodHandle IOCTL =
      CLibrary.function(
          "ioctl", FunctionDescriptor.of(INT, INT, LONG, LONG), Linker.Option.firstVariadicArg(2));
  private static final MethodHandle OPEN =
      CLibrary.function(
          "open", FunctionDescriptor.of(INT, LONG, INT), Linker.Option.firstVariadicArg(2));
  private static final MethodHandle CLOSE =
      CLibrary.function("close", FunctionDescriptor.of(INT, INT));
  private static final MethodHandle FCNTL =
      CLibrary.function(
          "fcntl", FunctionDescriptor.of(INT, INT, INT, INT), Linker.Option.firstVariadicArg(2));
  private static final MethodHandle MOUNT =
      CLibrary.function("mount", FunctionDescriptor.of(INT, LONG, LONG, LONG, LONG, LONG));
  private static final MethodHandle SYSCALL =
      CLibrary.function(
          "syscall",
          FunctionDescriptor.of(LONG, LONG, LONG, LONG, LONG, LONG),
          Linker.Option.firstVariadicArg(1));
  private static final MethodHandle FADVISE =
      CLibrary.function("posix_fadvise", FunctionDescriptor.of(INT, INT, LONG, LONG, INT));

  private NativeCalls() {}

  /** Returns the bytes read, or a negative error number. */
  public static int read(int fd, MemorySegment to) {
    MemorySegment state = CLibrary.state();
    try {
      long n = (long) READ.invokeExact(state, fd, to.address(), to.byteSize());
      return n < 0 ? CLibrary.negativeErrno(state) : (int) n;
    } catch (Throwable t) {
      throw CLibrary.never(t);
    }
  }

  /** Writes the first {@code length} bytes; returns 0 or more, or a negative error number. */
  public static int write(int fd, MemorySegment from, long length) {
    MemorySegment state = CLibrary.state();
    try {
      long n = (long) WRITE.invokeExact(state, fd, from.address(), length);
      return n < 0 ? CLibrary.negativeErrno(state) : (int) n;
    } catch (Throwable t) {
      throw CLibrary.never(t);
    }
  }

  /** Returns what the ioctl gives, or a negative error number. */
  static int ioctl(int fd, long request, MemorySegment argument) {
    MemorySegment state = CLibrary.state();
    try {
      int n = (int) IOCTL.invokeExact(state, fd, request, argument.address());
      return n < 0 ? CLibrary.negativeErrno(state) : n;
    } catch (Throwable t) {
      throw CLibrary.never(t);
    }
  }

  /** Opens a file, closed on exec; returns a descriptor or a negative error number. */
  static int open(String path) {
    MemorySegment state = CLibrary.state();
    try (Arena arena = Arena.ofConfined()) {
      int n = (int) OPEN.invokeExact(state, arena.allocateFrom(path).address(), O_RDWR | O_CLOEXEC);
      return n < 0 ? CLibrary.negativeErrno(state) : n;
    } catch (Throwable t) {
      throw CLibrary.never(t);
    }
  }

  public static void close(int fd) {
    try {
      int unused = (int) CLOSE.invokeExact(CLibrary.state(), fd);
    } catch (Throwable t) {
      throw CLibrary.never(t);
    }
  }

  /** Returns another descriptor of the same open file, or a negative error number. */
  static int duplicate(int fd) {
    MemorySegment state = CLibrary.state();
    try {
      int n = (int) FCNTL.invokeExact(state, fd, F_DUPFD, 0);
      return n < 0 ? CLibrary.negativeErrno(state) : n;
    } catch (Throwable t) {
      throw CLibrary.never(t);
    }
  }

  /** mount(2); returns 0 or a negative error number. */
  static int mount(String source, byte[] target, String type, long flags, String data) {
    MemorySegment state = CLibrary.state();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment place = arena.allocate(target.length + 1L);
      MemorySegment.copy(target, 0, place, ValueLayout.JAVA_BYTE, 0, target.length);
      int n =
          (int)
              MOUNT.invokeExact(
                  state,
                  arena.allocateFrom(source).address(),
                  place.address(),
                  arena.allocateFrom(type).address(),
                  flags,
                  arena.allocateFrom(data).address());
      return n < 0 ? CLibrary.negativeErrno(state) : n;
    } catch (Throwable t) {
      throw CLibrary.never(t);
    }
  }

  /**
   * Returns how many pages of a file are in the page cache, by cachestat(2), or a negative error
   * number before Linux 6.5.
   */
  public static long cachedPages(int fd) {
    MemorySegment state = CLibrary.state();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment range = arena.allocate(16, 8); // off 0, len 0: all of it
      MemorySegment counts = arena.allocate(40, 8); // nr_cache, then four others
      long n =
          (long)
              SYSCALL.invokeExact(
                  state, SYS_CACHESTAT, (long) fd, range.address(), counts.address(), 0L);
      return n < 0 ? CLibrary.negativeErrno(state) : counts.get(LONG, 0);
    } catch (Throwable t) {
      throw CLibrary.never(t);
    }
  }

  /**
   * Returns a descriptor, closed on exec, of the open file that another process has under a number,
   * by pidfd_getfd(2) (Linux 5.6), or a negative error number.
   */
  public static int take(int pid, int number) {
    MemorySegment state = CLibrary.state();
    try {
      long process = (long) SYSCALL.invokeExact(state, SYS_PIDFD_OPEN, (long) pid, 0L, 0L, 0L);
      if (process < 0) {
        return CLibrary.negativeErrno(state);
      }
      try {
        long fd =
            (long) SYSCALL.invokeExact(state, SYS_PIDFD_GETFD, process, (long) number, 0L, 0L);
        return fd < 0 ? CLibrary.negativeErrno(state) : (int) fd;
      } finally {
        close((int) process);
      }
    } catch (Throwable t) {
      throw CLibrary.never(t);
    }
  }

  /** Lets the kernel drop the file's own cached pages; a hint, which cannot fail. */
  public static void dropPages(int fd) {
    try {
      int unused = (int) FADVISE.invokeExact(CLibrary.state(), fd, 0L, 0L, FADV_DONTNEED);
    } catch (Throwable t) {
      throw CLibrary.never(t);
    }
  }

  /**
   * Returns the number of a channel's descriptor; valid until the channel is closed.
   *
   * @throws IOException if this JDK does not tell
   */
  public static int descriptor(FileChannel channel) throws IOException {
    try {
      Object fd = CHANNEL_FD.get(channel);
      return (int) FD_VALUE.invoke((FileDescriptor) fd);
    } catch (ReflectiveOperationException | ClassCastException e) {
      throw new IOException("the descriptor of a file is not known", e);
    } catch (Throwable t) {
      throw CLibrary.never(t);
    }
  }

  // JDK internals, opened by the JVM flags that the build, the launcher and the tests share.
  private static final java.lang.reflect.Field CHANNEL_FD;
  private static final MethodHandle FD_VALUE;

  static {
    try {
      CHANNEL_FD = Class.forName("sun.nio.ch.FileChannelImpl").getDeclaredField("fd");
      CHANNEL_FD.setAccessible(true);
      FD_VALUE =
          java.lang.invoke.MethodHandles.lookup()
              .findStatic(
                  Class.forName("sun.nio.ch.IOUtil"),
                  "fdVal",
                  java.lang.invoke.MethodType.methodType(int.class, FileDescriptor.class));
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }
}
