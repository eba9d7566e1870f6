package io.revfs.fuse.overlay;

import io.revfs.fuse.FileNames;
import io.revfs.posix.CLibrary;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The system calls of the mount interface of Linux 5.2 (include/uapi/linux/mount.h), by their
 * numbers, which are the same on all architectures, and umount2(2). They may wait for a FUSE server
 * in this very process, so they are not to be called on virtual threads. Thread-safe.
 */
final class MountCalls {
  private static final int SYS_OPEN_TREE = 428;
  private static final int SYS_MOVE_MOUNT = 429;
  private static final int SYS_FSOPEN = 430;
  private static final int SYS_FSCONFIG = 431;
  private static final int SYS_FSMOUNT = 432;
  private static final int SYS_FSPICK = 433;

  private static final int SET_FLAG = 0;
  private static final int SET_STRING = 1;
  private static final int SET_FD = 5;
  private static final int CREATE = 6;
  private static final int RECONFIGURE = 7;

  private static final int CLOSE_ON_EXEC = 02000000; // O_CLOEXEC, also OPEN_TREE_CLOEXEC
  private static final int FS_CLOSE_ON_EXEC = 1;
  private static final int READ_ONLY_NO_SUID_NO_DEVICES = 1 | 2 | 4; // MOUNT_ATTR_*
  private static final int FROM_EMPTY_PATH = 4; // MOVE_MOUNT_F_EMPTY_PATH
  private static final int AT_FDCWD = -100;
  private static final int CLONE = 1; // OPEN_TREE_CLONE
  private static final int DETACH = 2; // MNT_DETACH
  private static final int EXPIRE = 4; // MNT_EXPIRE
  private static final int NO_FOLLOW = 8; // UMOUNT_NOFOLLOW
  private static final int MESSAGE_BYTES = 1024;
  private static final int CLONE_FILES = 0x400;

  static final int EPERM = 1;
  static final int ENOTBLK = 15;
  static final int EINVAL = 22;
  static final int ENOSYS = 38;

  private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;
  private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG;
  private static final MethodHandle SYSCALL =
      CLibrary.function(
          "syscall",
          FunctionDescriptor.of(LONG, LONG, LONG, LONG, LONG, LONG, LONG),
          Linker.Option.firstVariadicArg(1));
  private static final MethodHandle UMOUNT2 =
      CLibrary.function("umount2", FunctionDescriptor.of(INT, LONG, INT));
  private static final MethodHandle UNSHARE =
      CLibrary.function("unshare", FunctionDescriptor.of(INT, INT));
  private static final MethodHandle READ =
      CLibrary.function("read", FunctionDescriptor.of(LONG, INT, LONG, LONG));
  private static final MethodHandle CLOSE =
      CLibrary.function("close", FunctionDescriptor.of(INT, INT));

  private MountCalls() {}

  /**
   * Gives the calling thread a table of descriptors of its own (unshare(2)), as the process has it
   * but for some numbers.
   */
  static void haveOwnDescriptors(List<Integer> without) throws FailedException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment state = CLibrary.state();
      if ((int) UNSHARE.invokeExact(state, CLONE_FILES) < 0) {
        throw new FailedException("no descriptors apart", -CLibrary.negativeErrno(state), "");
      }
    } catch (FailedException e) {
      throw e;
    } catch (Throwable t) {
      throw CLibrary.never(t);
    }
    for (int number : without) {
      new Descriptor(number).close();
    }
  }

  /** A system call that failed. */
  static final class FailedException extends IOException {
    private static final long serialVersionUID = 1L;
    private final int errno;

    FailedException(String what, int errno, String said) {
      super("%s (error %d%s)".formatted(what, errno, said.isEmpty() ? "" : ": " + said));
      this.errno = errno;
    }

    int errno() {
      return errno;
    }
  }

  private static long call(String what, int number, long a, long b, long c, long d, long e)
      throws FailedException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment state = CLibrary.state();
      long answer = (long) SYSCALL.invokeExact(state, (long) number, a, b, c, d, e);
      if (answer < 0) {
        throw new FailedException(what, -CLibrary.negativeErrno(state), "");
      }
      return answer;
    } catch (FailedException e2) {
      throw e2;
    } catch (Throwable t) {
      throw CLibrary.never(t);
    }
  }

  private static MemorySegment path(Arena arena, Path path) {
    byte[] bytes = FileNames.encode(path.toString());
    MemorySegment native0 = arena.allocate(bytes.length + 1L);
    MemorySegment.copy(bytes, 0, native0, ValueLayout.JAVA_BYTE, 0, bytes.length);
    return native0;
  }

  /** A descriptor that is closed with this. */
  static final class Descriptor implements AutoCloseable {
    private final int number;
    private boolean closed;

    private Descriptor(long number) {
      this.number = (int) number;
    }

    int number() {
      return number;
    }

    @Override
    public void close() {
      if (closed) {
        return; // by now the number may be another file's
      }
      closed = true;
      try {
        int unused = (int) CLOSE.invokeExact(CLibrary.state(), number);
      } catch (Throwable t) {
        throw CLibrary.never(t);
      }
    }
  }

  /** A file system that is being set up. */
  static final class Context implements AutoCloseable {
    private final Descriptor descriptor;
    private final String what;

    private Context(Descriptor descriptor, String what) {
      this.descriptor = descriptor;
      this.what = what;
    }

    /** Begins a file system of a type. */
    static Context open(String type) throws FailedException {
      try (Arena arena = Arena.ofConfined()) {
        long fd =
            call(
                "no file system " + type + " can be mounted",
                SYS_FSOPEN,
                arena.allocateFrom(type).address(),
                FS_CLOSE_ON_EXEC,
                0,
                0,
                0);
        return new Context(new Descriptor(fd), type);
      }
    }

    /** Begins to change a mounted file system. */
    static Context pick(Path mountPoint) throws FailedException {
      try (Arena arena = Arena.ofConfined()) {
        long fd =
            call(
                mountPoint + " cannot be looked at",
                SYS_FSPICK,
                AT_FDCWD,
                path(arena, mountPoint).address(),
                FS_CLOSE_ON_EXEC,
                0,
                0);
        return new Context(new Descriptor(fd), mountPoint.toString());
      }
    }

    Context flag(String key) throws FailedException {
      return configure(SET_FLAG, key, null, 0);
    }

    Context set(String key, String value) throws FailedException {
      return configure(SET_STRING, key, value, 0);
    }

    Context set(String key, Descriptor value) throws FailedException {
      return configure(SET_FD, key, null, value.number());
    }

    private Context configure(int command, @Nullable String key, @Nullable String value, int aux)
        throws FailedException {
      try (Arena arena = Arena.ofConfined()) {
        call(
            what,
            SYS_FSCONFIG,
            descriptor.number(),
            command,
            key == null ? 0 : arena.allocateFrom(key).address(),
            value == null ? 0 : arena.allocateFrom(value).address(),
            aux);
        return this;
      } catch (FailedException e) {
        throw new FailedException(
            "the kernel refuses " + what + (key == null ? "" : ", " + key), e.errno(), message());
      }
    }

    /** What the kernel's log of this context says; each read gives one message. */
    private String message() {
      try (Arena arena = Arena.ofConfined()) {
        MemorySegment text = arena.allocate(MESSAGE_BYTES);
        long n =
            (long)
                READ.invokeExact(
                    CLibrary.state(),
                    descriptor.number(),
                    text.address(),
                    (long) MESSAGE_BYTES - 1);
        return n <= 0 ? "" : text.getString(0).strip();
      } catch (Throwable t) {
        throw CLibrary.never(t);
      }
    }

    /** Makes the file system and a mount of it that is nowhere yet. */
    Descriptor create() throws FailedException {
      configure(CREATE, null, null, 0);
      return new Descriptor(
          call(
              what,
              SYS_FSMOUNT,
              descriptor.number(),
              FS_CLOSE_ON_EXEC,
              READ_ONLY_NO_SUID_NO_DEVICES,
              0,
              0));
    }

    /** Changes what was picked. */
    void reconfigure() throws FailedException {
      configure(RECONFIGURE, null, null, 0);
    }

    @Override
    public void close() {
      descriptor.close();
    }
  }

  /** Returns a handle of a directory, which need not be readable. */
  static Descriptor directory(Path path) throws FailedException {
    return openTree(path, CLOSE_ON_EXEC);
  }

  /** Returns a mount of what is mounted at a place, which is nowhere. */
  static Descriptor copy(Path mountPoint) throws FailedException {
    return openTree(mountPoint, CLOSE_ON_EXEC | CLONE);
  }

  private static Descriptor openTree(Path path, int flags) throws FailedException {
    try (Arena arena = Arena.ofConfined()) {
      return new Descriptor(
          call(
              path + " cannot be opened",
              SYS_OPEN_TREE,
              AT_FDCWD,
              path(arena, path).address(),
              flags,
              0,
              0));
    }
  }

  /** Puts a mount in its place. */
  static void place(Descriptor mount, Path mountPoint) throws FailedException {
    try (Arena arena = Arena.ofConfined()) {
      call(
          "nothing can be mounted at " + mountPoint,
          SYS_MOVE_MOUNT,
          mount.number(),
          arena.allocateFrom("").address(),
          AT_FDCWD,
          path(arena, mountPoint).address(),
          FROM_EMPTY_PATH);
    }
  }

  /**
   * umount2(2) with MNT_EXPIRE.
   *
   * @return 0 or an error number
   */
  static int expire(Path mountPoint) {
    return unmount(mountPoint, EXPIRE | NO_FOLLOW);
  }

  /** Takes a mount out of the table; who uses it goes on with it. */
  static void detach(Path mountPoint) throws FailedException {
    int error = unmount(mountPoint, DETACH | NO_FOLLOW);
    if (error != 0) {
      throw new FailedException(mountPoint + " cannot be unmounted", error, "");
    }
  }

  private static int unmount(Path mountPoint, int flags) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment state = CLibrary.state();
      int answer = (int) UMOUNT2.invokeExact(state, path(arena, mountPoint).address(), flags);
      return answer < 0 ? -CLibrary.negativeErrno(state) : 0;
    } catch (Throwable t) {
      throw CLibrary.never(t);
    }
  }
}
