package io.revfs.posix;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * Messages on Unix sockets with a descriptor in them, which the JDK does not have. Layouts of
 * sockaddr_un, msghdr and cmsghdr as on 64-bit Linux (unix(7), cmsg(3)). Thread-safe.
 */
public final class Sockets {
  private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;
  private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG;
  private static final int AF_UNIX = 1;
  private static final int SOCK_DGRAM_CLOEXEC = 2 | 02000000;
  private static final int SOL_SOCKET = 1;
  private static final int SCM_RIGHTS = 1;
  private static final int SCM_CREDENTIALS = 2;
  private static final int MSG_NOSIGNAL = 0x4000;
  private static final int ADDRESS_BYTES = 110;
  private static final int PATH_BYTES = 108;
  private static final int HEADER_BYTES = 56;
  private static final int VECTOR = 16;
  private static final int CONTROL = 32;
  private static final int CONTROL_BYTES = 24;
  private static final int CONTROL_LENGTH = 20;
  private static final int CREDENTIALS_BYTES = 32;
  private static final int CREDENTIALS_LENGTH = 28;
  private static final int EINTR = 4;

  private static final MethodHandle OPEN =
      CLibrary.function("socket", FunctionDescriptor.of(INT, INT, INT, INT));
  private static final MethodHandle SEND =
      CLibrary.function("sendmsg", FunctionDescriptor.of(LONG, INT, LONG, INT));

  private static final MethodHandle PAIR =
      CLibrary.function("socketpair", FunctionDescriptor.of(INT, INT, INT, INT, LONG));
  private static final MethodHandle RECEIVE =
      CLibrary.function("recvmsg", FunctionDescriptor.of(LONG, INT, LONG, INT));
  private static final int SOCK_STREAM_CLOEXEC = 1 | 02000000;
  private static final int SOCK_SEQPACKET_CLOEXEC = 5 | 02000000;
  private static final int MSG_CMSG_CLOEXEC = 0x40000000;
  private static final int MSG_PEEK = 2;
  private static final int MSG_DONTWAIT = 0x40;

  private Sockets() {}

  /** Returns two connected sockets, closed on exec. */
  public static int[] pair() throws IOException {
    return pair(SOCK_STREAM_CLOEXEC);
  }

  /**
   * Returns two connected sockets, closed on exec, for {@link #offer} and for {@link #peek} and
   * {@link #take}.
   */
  public static int[] queue() throws IOException {
    return pair(SOCK_SEQPACKET_CLOEXEC);
  }

  private static int[] pair(int type) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment ends = arena.allocate(8, 4);
      int answer = (int) PAIR.invokeExact(CLibrary.state(), AF_UNIX, type, 0, ends.address());
      if (answer != 0) {
        throw new IOException("no sockets: too many open files?");
      }
      return new int[] {ends.get(INT, 0), ends.get(INT, 4)};
    } catch (IOException e) {
      throw e;
    } catch (Throwable t) {
      throw CLibrary.never(t);
    }
  }

  /**
   * Waits for a message with a descriptor.
   *
   * @return the descriptor, closed on exec; empty if the other end was closed, or sent none
   */
  public static OptionalInt receiveDescriptor(int socket) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment header = receive(arena, socket, arena.allocate(1), 0);
      int descriptor = header == null ? -1 : descriptor(arena, header);
      return descriptor < 0 ? OptionalInt.empty() : OptionalInt.of(descriptor);
    }
  }

  /**
   * A number that waits in a queue.
   *
   * @param descriptor that goes with it, this process's own and closed on exec; -1: none does
   */
  public record Message(long number, int descriptor) {}

  /**
   * Puts a number to the end of what waits at the other end.
   *
   * @param descriptor that goes with it, the caller's still; -1: none
   * @return false if there is no room
   */
  public static boolean offer(int socket, long number, int descriptor) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment bytes = arena.allocate(Long.BYTES, Long.BYTES);
      bytes.set(LONG, 0, number);
      MemorySegment header = header(arena, bytes);
      if (descriptor >= 0) {
        attach(arena, header, descriptor);
      }
      MemorySegment state = CLibrary.state();
      int flags = MSG_NOSIGNAL | MSG_DONTWAIT;
      return (long) SEND.invokeExact(state, socket, header.address(), flags) == Long.BYTES;
    } catch (Throwable t) {
      throw CLibrary.never(t);
    }
  }

  /** Returns what waits longest, and leaves it there; empty if nothing does. */
  public static Optional<Message> peek(int socket) {
    return message(socket, MSG_PEEK);
  }

  /** Takes what waits longest; empty if nothing does. */
  public static Optional<Message> take(int socket) {
    return message(socket, 0);
  }

  private static Optional<Message> message(int socket, int how) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment bytes = arena.allocate(Long.BYTES, Long.BYTES);
      MemorySegment header = receive(arena, socket, bytes, how | MSG_DONTWAIT);
      return header == null
          ? Optional.empty()
          : Optional.of(new Message(bytes.get(LONG, 0), descriptor(arena, header)));
    }
  }

  /** A struct msghdr of these bytes. */
  private static MemorySegment header(Arena arena, MemorySegment bytes) {
    MemorySegment vector = arena.allocate(16, 8);
    vector.set(LONG, 0, bytes.address());
    vector.set(LONG, 8, bytes.byteSize());
    MemorySegment header = arena.allocate(HEADER_BYTES, 8);
    header.set(LONG, VECTOR, vector.address());
    header.set(LONG, VECTOR + 8, 1);
    return header;
  }

  private static void attach(Arena arena, MemorySegment header, int descriptor) {
    MemorySegment control = arena.allocate(CONTROL_BYTES, 8);
    putDescriptor(control, descriptor);
    header.set(LONG, CONTROL, control.address());
    header.set(LONG, CONTROL + 8, CONTROL_BYTES);
  }

  private static void putDescriptor(MemorySegment control, int descriptor) {
    control.set(LONG, 0, CONTROL_LENGTH);
    control.set(INT, 8, SOL_SOCKET);
    control.set(INT, 12, SCM_RIGHTS);
    control.set(INT, 16, descriptor);
  }

  /** As {@link #attach}, in root's name (uid and gid 0) and another process's. */
  private static void attachAs(Arena arena, MemorySegment header, int pid, int descriptor) {
    int bytes = CREDENTIALS_BYTES + (descriptor < 0 ? 0 : CONTROL_BYTES);
    MemorySegment control = arena.allocate(bytes, 8);
    control.set(LONG, 0, CREDENTIALS_LENGTH);
    control.set(INT, 8, SOL_SOCKET);
    control.set(INT, 12, SCM_CREDENTIALS);
    control.set(INT, 16, pid);
    if (descriptor >= 0) {
      putDescriptor(control.asSlice(CREDENTIALS_BYTES), descriptor);
    }
    header.set(LONG, CONTROL, control.address());
    header.set(LONG, CONTROL + 8, bytes);
  }

  /** Receives one message; null if there is none. */
  private static @Nullable MemorySegment receive(
      Arena arena, int socket, MemorySegment bytes, int flags) {
    MemorySegment header = header(arena, bytes);
    header.set(LONG, CONTROL, arena.allocate(CONTROL_BYTES, 8).address());
    header.set(LONG, CONTROL + 8, CONTROL_BYTES);
    MemorySegment state = CLibrary.state();
    int how = flags | MSG_CMSG_CLOEXEC;
    try {
      long n;
      do {
        n = (long) RECEIVE.invokeExact(state, socket, header.address(), how);
      } while (n < 0 && CLibrary.negativeErrno(state) == -EINTR);
      return n > 0 ? header : null;
    } catch (Throwable t) {
      throw CLibrary.never(t);
    }
  }

  /** Returns the descriptor that came with a message; -1 if none did. */
  @SuppressWarnings("restricted") // receive() allocated so much there
  private static int descriptor(Arena arena, MemorySegment header) {
    if (header.get(LONG, CONTROL + 8) < CONTROL_LENGTH) {
      return -1;
    }
    MemorySegment control =
        MemorySegment.ofAddress(header.get(LONG, CONTROL)).reinterpret(CONTROL_BYTES, arena, null);
    boolean rights = control.get(INT, 8) == SOL_SOCKET && control.get(INT, 12) == SCM_RIGHTS;
    return rights ? control.get(INT, 16) : -1;
  }

  /**
   * Sends one datagram.
   *
   * @param address a path, or a name in the abstract space with {@code @} before it
   * @param descriptor to go with it, or -1
   */
  public static void send(String address, String message, int descriptor) throws IOException {
    send(address, message, descriptor, 0);
  }

  /**
   * Sends one datagram in the name of another process, which only root may.
   *
   * @param pid the process, which lives
   */
  public static void sendAs(int pid, String address, String message, int descriptor)
      throws IOException {
    send(address, message, descriptor, pid);
  }

  private static void send(String address, String message, int descriptor, int pid)
      throws IOException {
    byte[] path = address.getBytes(StandardCharsets.UTF_8);
    byte[] text = message.getBytes(StandardCharsets.UTF_8);
    if (path.length >= PATH_BYTES) {
      throw new IOException("the address of a socket is too long: " + address);
    }
    int fd = -1;
    try (Arena arena = Arena.ofConfined()) {
      fd = (int) OPEN.invokeExact(CLibrary.state(), AF_UNIX, SOCK_DGRAM_CLOEXEC, 0);
      if (fd < 0) {
        throw new IOException("no socket: too many open files?");
      }
      MemorySegment to = arena.allocate(ADDRESS_BYTES, 8);
      to.set(ValueLayout.JAVA_SHORT, 0, (short) AF_UNIX);
      MemorySegment.copy(path, 0, to, ValueLayout.JAVA_BYTE, 2, path.length);
      boolean isAbstract = address.startsWith("@");
      if (isAbstract) {
        to.set(ValueLayout.JAVA_BYTE, 2, (byte) 0);
      }
      MemorySegment bytes = arena.allocate(text.length, 8);
      MemorySegment.copy(text, 0, bytes, ValueLayout.JAVA_BYTE, 0, text.length);
      MemorySegment header = header(arena, bytes.asSlice(0, text.length));
      header.set(LONG, 0, to.address());
      header.set(INT, 8, 2 + path.length + (isAbstract ? 0 : 1));
      if (pid != 0) {
        attachAs(arena, header, pid, descriptor);
      } else if (descriptor >= 0) {
        attach(arena, header, descriptor);
      }
      long sent = (long) SEND.invokeExact(CLibrary.state(), fd, header.address(), MSG_NOSIGNAL);
      if (sent < 0) {
        throw new IOException("nobody reads " + address);
      }
    } catch (IOException e) {
      throw e;
    } catch (Throwable t) {
      throw CLibrary.never(t);
    } finally {
      if (fd >= 0) {
        int unused = Posix.close(fd);
      }
    }
  }
}
