package io.revfs.image;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Files by the C library: paths are bytes, of which Java knows only those that are text. */
@SuppressWarnings("restricted") // the C library's own functions, by their documented types
final class NativeFiles {
  static final int ENOENT = 2;
  static final int ENOTBLK = 15;
  private static final int MS_RDONLY = 1;
  private static final int MNT_DETACH = 2;
  private static final int AT_FDCWD = -100;
  private static final int AT_SYMLINK_NOFOLLOW = 0x100;
  private static final int STATX_BASIC_STATS = 0x7ff;
  private static final int BUFFER = 1 << 17;

  private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;
  private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG;
  private static final ValueLayout POINTER = ValueLayout.ADDRESS;
  private static final StructLayout STATE = Linker.Option.captureStateLayout();
  private static final VarHandle ERRNO =
      STATE.varHandle(MemoryLayout.PathElement.groupElement("errno"));

  private static final MethodHandle MOUNT =
      function("mount", FunctionDescriptor.of(INT, POINTER, POINTER, POINTER, LONG, POINTER));
  private static final MethodHandle UMOUNT =
      function("umount2", FunctionDescriptor.of(INT, POINTER, INT));
  private static final MethodHandle STATX =
      function("statx", FunctionDescriptor.of(INT, INT, POINTER, INT, INT, POINTER));
  private static final MethodHandle READLINK =
      function("readlink", FunctionDescriptor.of(LONG, POINTER, POINTER, LONG));
  private static final MethodHandle LISTXATTR =
      function("llistxattr", FunctionDescriptor.of(LONG, POINTER, POINTER, LONG));
  private static final MethodHandle GETXATTR =
      function("lgetxattr", FunctionDescriptor.of(LONG, POINTER, POINTER, POINTER, LONG));
  private static final MethodHandle OPEN =
      function("open", FunctionDescriptor.of(INT, POINTER, INT), Linker.Option.firstVariadicArg(2));
  private static final MethodHandle PREAD =
      function("pread", FunctionDescriptor.of(LONG, INT, POINTER, LONG, LONG));
  private static final MethodHandle CLOSE = function("close", FunctionDescriptor.of(INT, INT));
  private static final MethodHandle OPENDIR =
      function("opendir", FunctionDescriptor.of(POINTER, POINTER));
  private static final MethodHandle READDIR =
      function("readdir", FunctionDescriptor.of(POINTER, POINTER));
  private static final MethodHandle CLOSEDIR =
      function("closedir", FunctionDescriptor.of(INT, POINTER));

  private static final MemorySegment ERROR = Arena.global().allocate(STATE);
  private static final MemorySegment PATH = Arena.global().allocate(1 << 13);
  private static final MemorySegment NAME = Arena.global().allocate(1 << 10);
  private static final MemorySegment MEMORY = Arena.global().allocate(BUFFER);

  private NativeFiles() {}

  private static MethodHandle function(
      String name, FunctionDescriptor descriptor, Linker.Option... more) {
    Linker linker = Linker.nativeLinker();
    Linker.Option[] options = Arrays.copyOf(more, more.length + 1);
    options[more.length] = Linker.Option.captureCallState("errno");
    return linker.downcallHandle(
        linker.defaultLookup().find(name).orElseThrow(), descriptor, options);
  }

  /** A call failed. */
  static final class NativeException extends IOException {
    private static final long serialVersionUID = 1L;

    private final int errno;

    NativeException(String what, int errno) {
      super(what + ": error " + errno);
      this.errno = errno;
    }

    int errno() {
      return errno;
    }
  }

  private static long call(String what, MethodHandle function, Object... arguments)
      throws NativeException {
    Object[] all = new Object[arguments.length + 1];
    all[0] = ERROR;
    System.arraycopy(arguments, 0, all, 1, arguments.length);
    Object result;
    try {
      result = function.invokeWithArguments(all);
    } catch (Throwable e) {
      throw new IllegalStateException(what, e);
    }
    long value = result instanceof MemorySegment m ? m.address() : ((Number) result).longValue();
    if (value < 0) {
      throw new NativeException(what, (int) ERRNO.get(ERROR, 0L));
    }
    return value;
  }

  private static MemorySegment text(MemorySegment at, byte[] bytes) {
    MemorySegment.copy(bytes, 0, at, ValueLayout.JAVA_BYTE, 0, bytes.length);
    at.set(ValueLayout.JAVA_BYTE, bytes.length, (byte) 0);
    return at;
  }

  static byte[] bytes(Path path) {
    return path.toString().getBytes(StandardCharsets.UTF_8);
  }

  /** Mounts read-only. */
  static void mount(String source, Path target, String type, @Nullable String data)
      throws NativeException {
    mount(source, target, type, MS_RDONLY, data);
  }

  static void mountWritable(String source, Path target, String type, String data)
      throws NativeException {
    mount(source, target, type, 0, data);
  }

  private static void mount(
      String source, Path target, String type, long flags, @Nullable String data)
      throws NativeException {
    try (Arena arena = Arena.ofConfined()) {
      var unused =
          call(
              "mounting " + source,
              MOUNT,
              arena.allocateFrom(source),
              arena.allocateFrom(target.toString()),
              arena.allocateFrom(type),
              flags,
              data == null ? MemorySegment.NULL : arena.allocateFrom(data));
    }
  }

  static void unmount(Path target) throws NativeException {
    var unused = call("unmounting " + target, UMOUNT, text(PATH, bytes(target)), MNT_DETACH);
  }

  /** Attributes of a file. */
  record Status(int mode, long links, int user, int group, long inode, long size, long time) {}

  /** Returns the attributes of a file, not of what it links to; null if there is none. */
  static @Nullable Status status(byte[] path) throws Throwable {
    MemorySegment at = text(PATH, path);
    int result =
        (int)
            STATX.invokeExact(ERROR, AT_FDCWD, at, AT_SYMLINK_NOFOLLOW, STATX_BASIC_STATS, MEMORY);
    if (result < 0) {
      int errno = (int) ERRNO.get(ERROR, 0L);
      if (errno == ENOENT) {
        return null;
      }
      throw new NativeException("statx", errno);
    }
    return new Status(
        MEMORY.get(ValueLayout.JAVA_SHORT, 28) & 0xFFFF,
        MEMORY.get(INT, 16),
        MEMORY.get(INT, 20),
        MEMORY.get(INT, 24),
        MEMORY.get(LONG, 32),
        MEMORY.get(LONG, 40),
        MEMORY.get(LONG, 112));
  }

  static byte[] readLink(byte[] path) throws NativeException {
    return copy(call("readlink", READLINK, text(PATH, path), MEMORY, (long) BUFFER));
  }

  /** Returns the names of all attributes that this process may see. */
  static List<String> attributeNames(byte[] path) throws NativeException {
    byte[] all = copy(call("llistxattr", LISTXATTR, text(PATH, path), MEMORY, (long) BUFFER));
    String text = new String(all, StandardCharsets.UTF_8);
    return text.isEmpty() ? List.of() : List.of(text.split("\0"));
  }

  static byte[] attribute(byte[] path, String name) throws NativeException {
    MemorySegment at = text(PATH, path);
    text(NAME, name.getBytes(StandardCharsets.UTF_8));
    return copy(call(name, GETXATTR, at, NAME, MEMORY, (long) BUFFER));
  }

  /** Returns up to 128 KiB of a file. */
  static byte[] read(byte[] path, long offset) throws NativeException {
    int fd = (int) call("open", OPEN, text(PATH, path), 0);
    try {
      return copy(call("pread", PREAD, fd, MEMORY, (long) BUFFER, offset));
    } finally {
      var unused = call("close", CLOSE, fd);
    }
  }

  /** A name of a directory, {@code type} as in readdir. */
  record Name(byte[] name, int type, long inode) {}

  /** Returns all names in the order they come, {@code .} and {@code ..} too. */
  static List<Name> list(byte[] path) throws Throwable {
    MemorySegment directory = (MemorySegment) OPENDIR.invokeExact(ERROR, text(PATH, path));
    if (directory.address() == 0) {
      throw new NativeException("opendir", (int) ERRNO.get(ERROR, 0L));
    }
    List<Name> names = new ArrayList<>();
    while (true) {
      MemorySegment entry = (MemorySegment) READDIR.invokeExact(ERROR, directory);
      if (entry.address() == 0) {
        break;
      }
      MemorySegment sized = entry.reinterpret(19 + 256);
      int length = 0;
      while (sized.get(ValueLayout.JAVA_BYTE, 19 + length) != 0) {
        length++;
      }
      byte[] name = sized.asSlice(19, length).toArray(ValueLayout.JAVA_BYTE);
      names.add(new Name(name, sized.get(ValueLayout.JAVA_BYTE, 18), sized.get(LONG, 0)));
    }
    var unused = (int) CLOSEDIR.invokeExact(ERROR, directory);
    return names;
  }

  private static byte[] copy(long length) {
    return MEMORY.asSlice(0, length).toArray(ValueLayout.JAVA_BYTE);
  }
}
