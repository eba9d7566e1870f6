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

/**
 * An inotify instance: directories are watched for whatever changes what they hold. Adding is
 * thread-safe; {@link #poll} is for one thread.
 */
public final class Inotify implements Closeable {
  // linux/inotify.h
  private static final int IN_MODIFY = 0x2;
  private static final int IN_ATTRIB = 0x4;
  private static final int IN_CLOSE_WRITE = 0x8;
  private static final int IN_MOVED = 0xc0;
  private static final int IN_CREATE = 0x100;
  private static final int IN_DELETE = 0x200;
  private static final int IN_DELETE_SELF = 0x400;
  private static final int IN_MOVE_SELF = 0x800;
  private static final int IN_UNMOUNT = 0x2000;
  private static final int IN_Q_OVERFLOW = 0x4000;
  private static final int IN_ONLYDIR = 0x01000000;
  private static final int CHANGES =
      IN_MODIFY
          | IN_ATTRIB
          | IN_CLOSE_WRITE
          | IN_MOVED
          | IN_CREATE
          | IN_DELETE
          | IN_DELETE_SELF
          | IN_MOVE_SELF
          | IN_UNMOUNT
          | IN_ONLYDIR;
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
  private static final MethodHandle POLL =
      function("poll", FunctionDescriptor.of(INT, LONG, LONG, INT));

  private final int fd;
  private final Arena arena = Arena.ofShared();
  private final MemorySegment buffer = arena.allocate(BUFFER_BYTES, 8);
  private final MemorySegment pollFd = arena.allocate(8, 4);
  private boolean closed;

  private Inotify(int fd) {
    this.fd = fd;
    pollFd.set(INT, 0, fd);
    pollFd.set(ValueLayout.JAVA_SHORT, 4, (short) POLLIN);
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

  /**
   * Watches a directory; returns its number in events, or a negated error number: {@code ENOSPC}
   * when the user has no watches left.
   */
  public synchronized int watch(byte[] directory) {
    if (closed) {
      return -9; // EBADF
    }
    MemorySegment state = state();
    try (Arena name = Arena.ofConfined()) {
      MemorySegment path = name.allocate(directory.length + 1L);
      MemorySegment.copy(directory, 0, path, ValueLayout.JAVA_BYTE, 0, directory.length);
      int n = (int) ADD.invokeExact(state, fd, path.address(), CHANGES);
      return n < 0 ? negativeErrno(state) : n;
    } catch (Throwable t) {
      throw never(t);
    }
  }

  /** Takes what changed. */
  @FunctionalInterface
  public interface Listener {
    /** {@code watch}: the number of the directory, -1 if events were lost. */
    void changed(int watch);
  }

  /**
   * Waits for events and passes them.
   *
   * @param milliseconds how long at most; 0 passes only what is there
   */
  public void poll(int milliseconds, Listener listener) throws IOException {
    MemorySegment state = state();
    try {
      int ready = (int) POLL.invokeExact(state, pollFd.address(), 1L, milliseconds);
      if (ready < 0 && negativeErrno(state) != -EINTR) {
        throw PosixFailure.of(-negativeErrno(state), "inotify");
      }
    } catch (IOException e) {
      throw e;
    } catch (Throwable t) {
      throw never(t);
    }
    while (true) {
      int n = Posix.read(fd, buffer, BUFFER_BYTES);
      if (n == -EAGAIN || n == -EINTR || n == 0) {
        return;
      }
      PosixFailure.check(n, "inotify");
      pass(n, listener);
    }
  }

  /** linux/inotify.h, struct inotify_event: watch (4), mask (4), cookie (4), length (4), name. */
  private void pass(int bytes, Listener listener) {
    for (long at = 0; at < bytes; at += 16 + buffer.get(INT, at + 12)) {
      boolean lost = (buffer.get(INT, at + 4) & IN_Q_OVERFLOW) != 0;
      listener.changed(lost ? -1 : buffer.get(INT, at));
    }
  }

  /** Ends all watches. */
  @Override
  public synchronized void close() {
    if (!closed) {
      closed = true;
      Posix.close(fd);
      arena.close();
    }
  }
}
