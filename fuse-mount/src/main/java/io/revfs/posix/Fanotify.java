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
 * An instance of fanotify(7): hears what is opened and closed by way of some mounts. Needs
 * CAP_SYS_ADMIN. Marking and {@link #await} are thread-safe; {@link #read} is for one thread at a
 * time.
 */
public final class Fanotify implements Closeable {
  // linux/fanotify.h

  /** A file that was open for writing is so no longer. */
  public static final int CLOSE_WRITE = 0x8;

  /** A file that was open for reading only is so no longer. */
  public static final int CLOSE_NOWRITE = 0x10;

  public static final int OPEN = 0x20;

  /** Opened in order to be executed, or as the interpreter of what is. */
  public static final int OPEN_EXEC = 0x1000;

  /** Directories are told of too; the kernel does not say of an event that it is of one. */
  public static final int DIRECTORY = 0x40000000;

  private static final int ALL = CLOSE_WRITE | CLOSE_NOWRITE | OPEN | OPEN_EXEC | DIRECTORY;

  private static final int FAN_Q_OVERFLOW = 0x4000;
  private static final int FAN_CLOEXEC_NONBLOCK = 1 | 2;
  private static final int FAN_UNLIMITED = 0x10 | 0x20; // queue and marks
  private static final int FAN_MARK_ADD_MOUNT = 1 | 0x10;

  /** So many files of events are open at once. */
  private static final int EVENTS = 64;

  private static final int EVENT_BYTES = 24;
  private static final int EAGAIN = 11;
  private static final int EINTR = 4;
  private static final int O_CLOEXEC = 02000000;

  private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;
  private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG;
  private static final MethodHandle INIT =
      function("fanotify_init", FunctionDescriptor.of(INT, INT, INT));
  private static final MethodHandle MARK =
      function("fanotify_mark", FunctionDescriptor.of(INT, INT, INT, LONG, INT, LONG));

  private final int fd;
  private final MemorySegment buffer = Arena.ofAuto().allocate(EVENTS * EVENT_BYTES, 8);

  private Fanotify(int fd) {
    this.fd = fd;
  }

  /**
   * Opens one.
   *
   * @throws IOException if this process may not
   */
  public static Fanotify open() throws IOException {
    // Not to wait for the other end of a pipe that has a name.
    int ofFiles = Posix.O_RDONLY | NameCalls.O_LARGEFILE | NameCalls.O_NONBLOCK | O_CLOEXEC;
    MemorySegment state = state();
    int n;
    try {
      n = (int) INIT.invokeExact(state, FAN_CLOEXEC_NONBLOCK | FAN_UNLIMITED, ofFiles);
    } catch (Throwable t) {
      throw never(t);
    }
    PosixFailure.check(n < 0 ? negativeErrno(state) : n, "fanotify");
    return new Fanotify(n);
  }

  /**
   * Hears from now on what happens by way of the mount that a path leads to, and of no other mount
   * of the same file system; returns 0 or a negated error number.
   */
  public int markMount(byte[] path) {
    MemorySegment state = state();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment name = arena.allocate(path.length + 1L);
      MemorySegment.copy(path, 0, name, ValueLayout.JAVA_BYTE, 0, path.length);
      int n =
          (int)
              MARK.invokeExact(
                  state, fd, FAN_MARK_ADD_MOUNT, (long) ALL, Posix.AT_FDCWD, name.address());
      return n < 0 ? negativeErrno(state) : n;
    } catch (Throwable t) {
      throw never(t);
    }
  }

  /** Takes what happened. */
  @FunctionalInterface
  public interface Listener {
    /**
     * Takes one event; several of the same file by the same process may be one.
     *
     * @param process the process's id, which may be gone; 0 of one in another name space of ids
     * @param events what happened, in the bits above; 0 if events were lost
     * @param file a descriptor of the file, closed afterwards
     */
    void happened(int process, int events, int file);
  }

  /**
   * Waits until there are events.
   *
   * @param milliseconds how long at most
   */
  public void await(int milliseconds) throws IOException {
    Inotify.await(fd, milliseconds);
  }

  /** Passes all events that there are: whatever happened before this call is among them. */
  public void read(Listener listener) throws IOException {
    while (true) {
      int n = FileCalls.read(fd, buffer, buffer.byteSize());
      if (n == -EINTR) {
        continue;
      }
      if (n == -EAGAIN || n == 0) {
        return;
      }
      PosixFailure.check(n, "fanotify");
      pass(n, listener);
    }
  }

  /**
   * linux/fanotify.h, struct fanotify_event_metadata: length (4), version (1), reserved (1), length
   * of this (2), events (8), descriptor (4), process (4).
   */
  private void pass(int bytes, Listener listener) {
    for (long at = 0; at + EVENT_BYTES <= bytes; at += buffer.get(INT, at)) {
      int events = (int) buffer.get(LONG, at + 8);
      int file = buffer.get(INT, at + 16);
      if ((events & FAN_Q_OVERFLOW) != 0 || file < 0) {
        listener.happened(0, 0, -1);
        continue;
      }
      try {
        listener.happened(buffer.get(INT, at + 20), events, file);
      } finally {
        Posix.close(file);
      }
    }
  }

  @Override
  public void close() {
    Posix.close(fd);
  }
}
