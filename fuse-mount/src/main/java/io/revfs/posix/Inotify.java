package io.revfs.posix;

import static io.revfs.posix.CLibrary.function;
import static io.revfs.posix.CLibrary.negativeErrno;
import static io.revfs.posix.CLibrary.never;
import static io.revfs.posix.CLibrary.state;

import java.io.Closeable;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.charset.StandardCharsets;

/**
 * An inotify instance: directories are watched for whatever changes what they hold. Adding,
 * removing and {@link #await} are thread-safe; {@link #read} is for one thread at a time.
 */
public final class Inotify implements Closeable {
  // linux/inotify.h

  /** Bytes of a file in the directory changed. */
  public static final int MODIFY = 0x2;

  /** Permissions, times or the number of names of a file, or of the directory, changed. */
  public static final int ATTRIB = 0x4;

  /** A file that was open for writing, or mapped, is so no longer. */
  public static final int CLOSE_WRITE = 0x8;

  public static final int MOVED_FROM = 0x40;
  public static final int MOVED_TO = 0x80;
  public static final int CREATE = 0x100;
  public static final int DELETE = 0x200;
  public static final int DELETE_SELF = 0x400;
  public static final int MOVE_SELF = 0x800;
  public static final int UNMOUNT = 0x2000;

  /** The watch has ended. */
  public static final int IGNORED = 0x8000;

  /** What changed is a directory. */
  public static final int DIRECTORY = 0x40000000;

  /** Whatever changes what a directory holds. */
  public static final int CHANGES =
      MODIFY
          | ATTRIB
          | CLOSE_WRITE
          | MOVED_FROM
          | MOVED_TO
          | CREATE
          | DELETE
          | DELETE_SELF
          | MOVE_SELF;

  private static final int IN_Q_OVERFLOW = 0x4000;
  private static final int IN_ONLYDIR = 0x01000000;
  private static final int IN_MASK_ADD = 0x20000000;
  private static final int IN_NONBLOCK_CLOEXEC = 04000 | 02000000;
  private static final int POLLIN = 1;
  private static final int BUFFER_BYTES = 64 << 10;
  private static final int EAGAIN = 11;
  private static final int EINTR = 4;

  private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;
  private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG;
  private static final MethodHandle INIT =
      function("inotify_init1", FunctionDescriptor.of(INT, INT));
  private static final MethodHandle ADD =
      function("inotify_add_watch", FunctionDescriptor.of(INT, INT, LONG, INT));
  private static final MethodHandle REMOVE =
      function("inotify_rm_watch", FunctionDescriptor.of(INT, INT, INT));
  private static final MethodHandle POLL =
      function("poll", FunctionDescriptor.of(INT, LONG, LONG, INT));

  private final int fd;
  private final Arena arena = Arena.ofAuto();
  private final MemorySegment buffer = arena.allocate(BUFFER_BYTES, 8);
  private boolean closed;

  private Inotify(int fd) {
    this.fd = fd;
  }

  /**
   * Opens one.
   *
   * @throws IOException if the user has too many
   */
  public static Inotify open() throws IOException {
    MemorySegment state = state();
    int n;
    try {
      n = (int) INIT.invokeExact(state, IN_NONBLOCK_CLOEXEC);
    } catch (Throwable t) {
      throw never(t);
    }
    PosixFailure.check(n < 0 ? negativeErrno(state) : n, "inotify");
    return new Inotify(n);
  }

  /** Goes on with one that another process opened; the descriptor is this object's from here on. */
  public static Inotify of(int descriptor) {
    return new Inotify(descriptor);
  }

  /** Returns its descriptor. */
  public int descriptor() {
    return fd;
  }

  /**
   * Watches a directory; returns its number in events, or a negated error number: {@code ENOSPC}
   * when the user has no watches left. A directory has one number, however often it is watched; it
   * is then watched for all that was asked.
   */
  public synchronized int watch(byte[] directory, int events) {
    if (closed) {
      return -9; // EBADF
    }
    MemorySegment state = state();
    try (Arena name = Arena.ofConfined()) {
      MemorySegment path = name.allocate(directory.length + 1L);
      MemorySegment.copy(directory, 0, path, ValueLayout.JAVA_BYTE, 0, directory.length);
      int n = (int) ADD.invokeExact(state, fd, path.address(), events | IN_ONLYDIR | IN_MASK_ADD);
      return n < 0 ? negativeErrno(state) : n;
    } catch (Throwable t) {
      throw never(t);
    }
  }

  /** Watches an open directory, wherever it is now. */
  public int watch(int directory, int events) {
    return watch(("/proc/self/fd/" + directory).getBytes(StandardCharsets.US_ASCII), events);
  }

  /** Ends a watch; its last event is {@link #IGNORED}. */
  public synchronized void unwatch(int watch) {
    if (closed) {
      return;
    }
    try {
      int unused = (int) REMOVE.invokeExact(state(), fd, watch);
    } catch (Throwable t) {
      throw never(t);
    }
  }

  /** Takes what changed. */
  @FunctionalInterface
  public interface Listener {
    /**
     * Takes one event.
     *
     * @param watch the number of the directory; -1 if events were lost
     * @param events what happened, in the bits above
     * @param name of what changed in the directory; empty if it is the directory itself
     */
    void changed(int watch, int events, byte[] name);
  }

  /**
   * Waits until there are events, or it is closed.
   *
   * @param milliseconds how long at most
   */
  public void await(int milliseconds) throws IOException {
    await(fd, milliseconds);
  }

  /** Waits until there is something to read. */
  static void await(int fd, int milliseconds) throws IOException {
    MemorySegment state = state();
    int error;
    try (Arena own = Arena.ofConfined()) {
      MemorySegment pollFd = own.allocate(8, 4); // poll.h, struct pollfd
      pollFd.set(INT, 0, fd);
      pollFd.set(ValueLayout.JAVA_SHORT, 4, (short) POLLIN);
      int ready = (int) POLL.invokeExact(state, pollFd.address(), 1L, milliseconds);
      error = ready < 0 ? -negativeErrno(state) : 0;
    } catch (Throwable t) {
      throw never(t);
    }
    if (error != 0 && error != EINTR) {
      throw PosixFailure.of(error, "poll");
    }
  }

  /** Passes all events that there are: whatever happened before this call is among them. */
  public void read(Listener listener) throws IOException {
    while (true) {
      int n = FileCalls.read(fd, buffer, BUFFER_BYTES);
      if (n == -EINTR) {
        continue;
      }
      if (n == -EAGAIN || n == 0) {
        return;
      }
      PosixFailure.check(n, "inotify");
      pass(n, listener);
    }
  }

  /** linux/inotify.h, struct inotify_event: watch (4), mask (4), cookie (4), length (4), name. */
  private void pass(int bytes, Listener listener) {
    for (long at = 0; at < bytes; ) {
      int events = buffer.get(INT, at + 4);
      int length = buffer.get(INT, at + 12);
      boolean lost = (events & IN_Q_OVERFLOW) != 0;
      listener.changed(lost ? -1 : buffer.get(INT, at), events, name(at + 16, length));
      at += 16 + length;
    }
  }

  /** The name is filled up with zeros. */
  private byte[] name(long at, int length) {
    int end = 0;
    while (end < length && buffer.get(ValueLayout.JAVA_BYTE, at + end) != 0) {
      end++;
    }
    return buffer.asSlice(at, end).toArray(ValueLayout.JAVA_BYTE);
  }

  /** Ends all watches. */
  @Override
  public synchronized void close() {
    if (!closed) {
      closed = true;
      Posix.close(fd);
      // The memory is left to who may be reading; it is the collector's.
    }
  }
}
