package io.revfs.fuse.keeper;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.revfs.fuse.device.NativeCalls;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.io.TempDir;

/** What systemd would receive, on a socket of our own: the messages of sd_notify(3). */
class SystemdStoreTest {
  private static final int BIND_BYTES = 110;

  @TempDir Path directory;

  @SuppressWarnings("restricted") // the C library's own functions
  private static long call(String function, FunctionDescriptor types, Object... arguments)
      throws Throwable {
    MethodHandle handle =
        Linker.nativeLinker()
            .downcallHandle(
                Linker.nativeLinker().defaultLookup().find(function).orElseThrow(), types);
    return ((Number) handle.invokeWithArguments(arguments)).longValue();
  }

  private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;
  private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG;

  private static int bind(Arena arena, Path at) throws Throwable {
    int fd = (int) call("socket", FunctionDescriptor.of(INT, INT, INT, INT), 1, 2, 0);
    byte[] path = at.toString().getBytes(StandardCharsets.UTF_8);
    MemorySegment address = arena.allocate(BIND_BYTES, 8);
    address.set(ValueLayout.JAVA_SHORT, 0, (short) 1);
    MemorySegment.copy(path, 0, address, ValueLayout.JAVA_BYTE, 2, path.length);
    assertEquals(
        0,
        call(
            "bind",
            FunctionDescriptor.of(INT, INT, LONG, INT),
            fd,
            address.address(),
            2 + path.length + 1));
    return fd;
  }

  /** {@code main}: "self", or the id of another process. */
  private SystemdUnit unit(String socket, String main) {
    long pid = main.equals("self") ? ProcessHandle.current().pid() : Long.parseLong(main);
    return new SystemdUnit(directory.resolve(socket).toString(), Math.toIntExact(pid));
  }

  private record Received(String text, int descriptor) {}

  private static Received receive(Arena arena, int fd) throws Throwable {
    return receive(arena, fd, arena.allocate(64, 8));
  }

  private static Received receive(Arena arena, int fd, MemorySegment control) throws Throwable {
    MemorySegment bytes = arena.allocate(4096, 8);
    MemorySegment vector = arena.allocate(16, 8);
    vector.set(ValueLayout.JAVA_LONG, 0, bytes.address());
    vector.set(ValueLayout.JAVA_LONG, 8, bytes.byteSize());
    MemorySegment header = arena.allocate(56, 8);
    header.set(ValueLayout.JAVA_LONG, 16, vector.address());
    header.set(ValueLayout.JAVA_LONG, 24, 1);
    header.set(ValueLayout.JAVA_LONG, 32, control.address());
    header.set(ValueLayout.JAVA_LONG, 40, control.byteSize());
    long n = call("recvmsg", FunctionDescriptor.of(LONG, INT, LONG, INT), fd, header.address(), 0);
    assertTrue(n > 0);
    byte[] text = bytes.asSlice(0, n).toArray(ValueLayout.JAVA_BYTE);
    boolean has = header.get(ValueLayout.JAVA_LONG, 40) >= 20;
    return new Received(
        new String(text, StandardCharsets.UTF_8), has ? control.get(ValueLayout.JAVA_INT, 16) : -1);
  }

  @Test
  void descriptorsAreStoredAndRemovedByName() throws Throwable {
    Path held = Files.writeString(directory.resolve("held"), "what is held");
    try (Arena arena = Arena.ofConfined();
        FileChannel channel = FileChannel.open(held)) {
      int server = bind(arena, directory.resolve("notify"));
      SystemdStore store = new SystemdStore(unit("notify", "self"));
      int fd = NativeCalls.descriptor(channel);
      var session = new DescriptorHolder.Held("0:57", List.of(fd));
      store.hold(Map.of("m1", session));
      Received stored = receive(arena, server);
      assertEquals("FDSTORE=1\nFDPOLL=0\nFDNAME=m1.0\n", stored.text());
      assertEquals(
          "what is held", Files.readString(Path.of("/proc/self/fd/" + stored.descriptor())));
      NativeCalls.close(stored.descriptor());
      store.hold(Map.of("m1", session)); // nothing new, nothing said
      store.hold(Map.of());
      assertEquals(new Received("FDSTOREREMOVE=1\nFDNAME=m1.0\n", -1), receive(arena, server));
      assertTrue(store.beat());
      assertEquals("WATCHDOG=1\n", receive(arena, server).text());
      store.ready();
      assertEquals("READY=1\n", receive(arena, server).text());
      NativeCalls.close(server);
    }
  }

  /** As systemd asks for it (SO_PASSCRED): it gives descriptors to the unit of who sent them. */
  @Test
  @EnabledIf("io.revfs.fuse.Shell#isRoot")
  void anotherMainProcess_isNamedAsTheSender() throws Throwable {
    try (Arena arena = Arena.ofConfined();
        FileChannel channel = FileChannel.open(Files.writeString(directory.resolve("x"), "x"))) {
      int server = bind(arena, directory.resolve("notify"));
      MemorySegment on = arena.allocate(4, 4);
      on.set(INT, 0, 1);
      FunctionDescriptor setting = FunctionDescriptor.of(INT, INT, INT, INT, LONG, INT);
      assertEquals(0, call("setsockopt", setting, server, 1, 16, on.address(), 4));
      SystemdStore store = new SystemdStore(unit("notify", "1"));
      var session = new DescriptorHolder.Held("0:57", List.of(NativeCalls.descriptor(channel)));
      store.hold(Map.of("m1", session));
      MemorySegment control = arena.allocate(64, 8);
      assertEquals("FDSTORE=1\nFDPOLL=0\nFDNAME=m1.0\n", receive(arena, server, control).text());
      assertEquals(1, control.get(INT, 16)); // of the first message, SCM_CREDENTIALS: the pid
      NativeCalls.close(control.get(INT, 32 + 16)); // of the second one, SCM_RIGHTS
      NativeCalls.close(server);
    }
  }

  @Test
  void nobodyListens_isAnError() {
    SystemdStore store = new SystemdStore(unit("nothing", "self"));
    assertThrows(IOException.class, store::ready);
  }

  @Test
  void inherited_isForThisProcessOnly() {
    String self = Long.toString(ProcessHandle.current().pid());
    Map<String, String> environment =
        Map.of("LISTEN_PID", self, "LISTEN_FDS", "2", "LISTEN_FDNAMES", "m1.0:m1.1");
    assertEquals("m1.0=3 m1.1=4 ", SystemdStore.inherited(environment));
    assertEquals("", SystemdStore.inherited(Map.of("LISTEN_PID", "1", "LISTEN_FDS", "2")));
    assertEquals("", SystemdStore.inherited(Map.of()));
  }
}
