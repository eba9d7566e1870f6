package io.revfs.posix;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.charset.StandardCharsets;
import java.util.OptionalInt;

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
  private static final int MSG_NOSIGNAL = 0x4000;
  private static final int ADDRESS_BYTES = 110;
  private static final int PATH_BYTES = 108;
  private static final int HEADER_BYTES = 56;
  private static final int CONTROL_BYTES = 24;
  private static final int CONTROL_LENGTH = 20;
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
  private static final int MSG_CMSG_CLOEXEC = 0x40000000;

  private Sockets() {}

  /** Returns two connected sockets, closed on exec. */
  public static int[] pair() throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment ends = arena.allocate(8, 4);
      int answer =
          (int) PAIR.invokeExact(CLibrary.state(), AF_UNIX, SOCK_STREAM_CLOEXEC, 0, ends.address());
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
      MemorySegment vector = arena.allocate(16, 8);
      vector.set(LONG, 0, arena.allocate(1).address());
      vector.set(LONG, 8, 1);
      MemorySegment control = arena.allocate(CONTROL_BYTES, 8);
      MemorySegment header = arena.allocate(HEADER_BYTES, 8);
      header.set(LONG, 16, vector.address());
      header.set(LONG, 24, 1);
      header.set(LONG, 32, control.address());
      header.set(LONG, 40, CONTROL_BYTES);
      MemorySegment state = CLibrary.state();
      long n;
      do {
        n = (long) RECEIVE.invokeExact(state, socket, header.address(), MSG_CMSG_CLOEXEC);
      } while (n < 0 && CLibrary.negativeErrno(state) == -EINTR);
      boolean descriptor =
          n > 0
              && header.get(LONG, 40) >= CONTROL_LENGTH
              && control.get(INT, 8) == SOL_SOCKET
              && control.get(INT, 12) == SCM_RIGHTS;
      return descriptor ? OptionalInt.of(control.get(INT, 16)) : OptionalInt.empty();
    } catch (Throwable t) {
      throw CLibrary.never(t);
    }
  }

  /**
   * Sends one datagram.
   *
   * @param address a path, or a name in the abstract space with {@code @} before it
   * @param descriptor to go with it, or -1
   */
  public static void send(String address, String message, int descriptor) throws IOException {
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
      MemorySegment vector = arena.allocate(16, 8);
      vector.set(LONG, 0, bytes.address());
      vector.set(LONG, 8, text.length);
      MemorySegment header = arena.allocate(HEADER_BYTES, 8);
      header.set(LONG, 0, to.address());
      header.set(INT, 8, 2 + path.length + (isAbstract ? 0 : 1));
      header.set(LONG, 16, vector.address());
      header.set(LONG, 24, 1);
      if (descriptor >= 0) {
        MemorySegment control = arena.allocate(CONTROL_BYTES, 8);
        control.set(LONG, 0, CONTROL_LENGTH);
        control.set(INT, 8, SOL_SOCKET);
        control.set(INT, 12, SCM_RIGHTS);
        control.set(INT, 16, descriptor);
        header.set(LONG, 32, control.address());
        header.set(LONG, 40, CONTROL_BYTES);
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
