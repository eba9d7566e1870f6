package io.revfs.posix;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;

/**
 * Child processes that inherit descriptors, which the JDK's own do not (it closes all but the first
 * three). Thread-safe.
 */
public final class Processes {
  private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;
  private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG;
  private static final int WNOHANG = 1;
  private static final int UNKNOWN_EXIT = 128;
  private static final int EINTR = 4;
  private static final int O_CLOEXEC = 02000000;
  private static final int F_SETFD = 2;
  private static final int FD_CLOEXEC = 1;

  // posix_spawnp(3), pipe2(2), waitpid(2)
  private static final MethodHandle SPAWN =
      CLibrary.function(
          "posix_spawnp", FunctionDescriptor.of(INT, LONG, LONG, LONG, LONG, LONG, LONG));
  private static final MethodHandle PIPE =
      CLibrary.function("pipe2", FunctionDescriptor.of(INT, LONG, INT));
  private static final MethodHandle WAIT =
      CLibrary.function("waitpid", FunctionDescriptor.of(INT, INT, LONG, INT));
  private static final MethodHandle FCNTL =
      CLibrary.function(
          "fcntl", FunctionDescriptor.of(INT, INT, INT, INT), Linker.Option.firstVariadicArg(2));

  private Processes() {}

  /** Returns the reading and the writing end, both closed on exec. */
  public static int[] pipe() throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment ends = arena.allocate(8, 4);
      int answer;
      try {
        answer = (int) PIPE.invokeExact(CLibrary.state(), ends.address(), O_CLOEXEC);
      } catch (Throwable t) {
        throw CLibrary.never(t);
      }
      if (answer != 0) {
        throw new IOException("no pipe: too many open files?");
      }
      return new int[] {ends.get(INT, 0), ends.get(INT, 4)};
    }
  }

  /**
   * Starts a program, found on the PATH.
   *
   * @param environment all of it
   * @param inherited the descriptors that it gets besides the first three
   * @return its process id
   */
  public static synchronized int spawn(
      List<String> words, Map<String, String> environment, List<Integer> inherited)
      throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment pid = arena.allocate(4, 4);
      MemorySegment argv = strings(arena, words);
      MemorySegment variables =
          strings(arena, environment.entrySet().stream().map(Map.Entry::toString).toList());
      inherited.forEach(fd -> setInherited(fd, true));
      int answer;
      try {
        answer =
            (int)
                SPAWN.invokeExact(
                    CLibrary.state(),
                    pid.address(),
                    arena.allocateFrom(words.getFirst()).address(),
                    0L,
                    0L,
                    argv.address(),
                    variables.address());
      } catch (Throwable t) {
        throw CLibrary.never(t);
      } finally {
        inherited.forEach(fd -> setInherited(fd, false));
      }
      if (answer != 0) {
        throw new IOException(words.getFirst() + " cannot be started (error " + answer + ")");
      }
      return pid.get(INT, 0);
    }
  }

  private static MemorySegment strings(Arena arena, List<String> words) {
    MemorySegment array = arena.allocate(8L * (words.size() + 1), 8);
    for (int i = 0; i < words.size(); i++) {
      array.set(LONG, 8L * i, arena.allocateFrom(words.get(i)).address());
    }
    return array;
  }

  /** Writes into a pipe; returns false if nobody reads it any more. */
  public static boolean say(int pipe, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment memory = arena.allocate(bytes.length);
      MemorySegment.copy(bytes, 0, memory, ValueLayout.JAVA_BYTE, 0, bytes.length);
      return FileCalls.writeAll(pipe, memory, bytes.length) >= 0;
    }
  }

  /** Waits until all have closed the writing end of a pipe. */
  public static void awaitEnd(int pipe) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment none = arena.allocate(1);
      int n = FileCalls.read(pipe, none, 1);
      while (n > 0 || n == -EINTR) {
        n = FileCalls.read(pipe, none, 1);
      }
    }
  }

  /** Returns what is written into a pipe until all have closed its writing end. */
  public static String readAll(int pipe) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment block = arena.allocate(1024);
      int n = FileCalls.read(pipe, block, block.byteSize());
      while (n > 0 || n == -EINTR) {
        all.writeBytes(block.asSlice(0, Math.max(0, n)).toArray(ValueLayout.JAVA_BYTE));
        n = FileCalls.read(pipe, block, block.byteSize());
      }
    }
    return all.toString(StandardCharsets.UTF_8);
  }

  /**
   * Waits for the end of a child, so that it leaves nothing in the process table.
   *
   * @return its exit code; 128 and more if a signal ended it, or it is not known
   */
  public static int await(int pid) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment status = arena.allocate(4, 4);
      if (wait(pid, status.address(), 0) != pid) {
        return UNKNOWN_EXIT;
      }
      int word = status.get(INT, 0);
      return (word & 0x7f) == 0 ? (word >> 8) & 0xff : UNKNOWN_EXIT | (word & 0x7f);
    }
  }

  /** Says whether children of this process get the descriptor. */
  public static void setInherited(int fd, boolean inherited) {
    try {
      int unused =
          (int) FCNTL.invokeExact(CLibrary.state(), fd, F_SETFD, inherited ? 0 : FD_CLOEXEC);
    } catch (Throwable t) {
      throw CLibrary.never(t);
    }
  }

  /** Returns whether a child lives; one that does not leaves nothing in the process table. */
  public static boolean lives(int pid) {
    return wait(pid, 0, WNOHANG) == 0;
  }

  private static int wait(int pid, long status, int options) {
    try {
      return (int) WAIT.invokeExact(CLibrary.state(), pid, status, options);
    } catch (Throwable t) {
      throw CLibrary.never(t);
    }
  }
}
