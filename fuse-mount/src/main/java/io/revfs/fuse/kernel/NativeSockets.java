package io.revfs.fuse.kernel;

import io.revfs.posix.CLibrary;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.charset.StandardCharsets;

/**
 * Datagrams on Unix sockets with a descriptor in them, which the JDK does not have. Layouts of
 * sockaddr_un, msghdr and cmsghdr as on 64-bit Linux (unix(7), cmsg(3)). Thread-safe.
 */
final class NativeSockets {
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

  private static final MethodHandle OPEN =
      CLibrary.function("socket", FunctionDescriptor.of(INT, INT, INT, INT));
  private static final MethodHandle SEND =
      CLibrary.function("sendmsg", FunctionDescriptor.of(LONG, INT, LONG, INT));

  private NativeSockets() {}

  /**
   * Sends one datagram.
   *
   * @param address a path, or a name in the abstract space with {@code @} before it
   * @param descriptor to go with it, or -1
   */
  static void send(String address, String message, int descriptor) throws IOException {
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
      Wire.putShort(to, 0, AF_UNIX);
      MemorySegment.copy(path, 0, to, ValueLayout.JAVA_BYTE, 2, path.length);
      boolean isAbstract = address.startsWith("@");
      if (isAbstract) {
        to.set(ValueLayout.JAVA_BYTE, 2, (byte) 0);
      }
      MemorySegment bytes = arena.allocate(text.length, 8);
      MemorySegment.copy(text, 0, bytes, ValueLayout.JAVA_BYTE, 0, text.length);
      MemorySegment vector = arena.allocate(16, 8);
      Wire.putLong(vector, 0, bytes.address());
      Wire.putLong(vector, 8, text.length);
      MemorySegment header = arena.allocate(HEADER_BYTES, 8);
      Wire.putLong(header, 0, to.address());
      Wire.putInt(header, 8, 2 + path.length + (isAbstract ? 0 : 1));
      Wire.putLong(header, 16, vector.address());
      Wire.putLong(header, 24, 1);
      if (descriptor >= 0) {
        MemorySegment control = arena.allocate(CONTROL_BYTES, 8);
        Wire.putLong(control, 0, CONTROL_LENGTH);
        Wire.putInt(control, 8, SOL_SOCKET);
        Wire.putInt(control, 12, SCM_RIGHTS);
        Wire.putInt(control, 16, descriptor);
        Wire.putLong(header, 32, control.address());
        Wire.putLong(header, 40, CONTROL_BYTES);
      }
      long sent = (long) SEND.invokeExact(CLibrary.state(), fd, header.address(), MSG_NOSIGNAL);
      if (sent < 0) {
        throw new IOException("nobody reads " + address);
      }
    } catch (IOException | RuntimeException | Error e) {
      throw e;
    } catch (Throwable t) {
      throw new IllegalStateException(t); // native code throws nothing
    } finally {
      if (fd >= 0) {
        NativeCalls.close(fd);
      }
    }
  }
}
