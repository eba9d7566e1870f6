package io.revfs.fuse.kernel;

import io.revfs.posix.CLibrary;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
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
final class NativeProcesses {
  private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;
  private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG;
  private static final int WNOHANG = 1;
  private static final int EINTR = 4;

  // posix_spawnp(3), pipe2(2), waitpid(2)
  private static final MethodHandle SPAWN =
      CLibrary.function(
          "posix_spawnp", FunctionDescriptor.of(INT, LONG, LONG, LONG, LONG, LONG, LONG));
  private static final MethodHandle PIPE =
      CLibrary.function("pipe2", FunctionDescriptor.of(INT, LONG, INT));
  private static final MethodHandle WAIT =
      CLibrary.function("waitpid", FunctionDescriptor.of(INT, INT, LONG, INT));

  private NativeProcesses() {}

  /** Returns the reading and the writing end, both closed on exec. */
  static int[] pipe() throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment ends = arena.allocate(8, 4);
      int answer;
      try {
        answer = (int) PIPE.invokeExact(CLibrary.state(), ends.address(), NativeCalls.O_CLOEXEC);
      } catch (Throwable t) {
        throw CLibrary.never(t);
      }
      if (answer != 0) {
        throw new IOException("no pipe: too many open files?");
      }
      return new int[] {Wire.getInt(ends, 0), Wire.getInt(ends, 4)};
    }
  }

  /**
   * Starts a program, found on the PATH, with this process's environment.
   *
   * @param inherited the descriptors that it gets besides the first three
   * @return its process id
   */
  static synchronized int spawn(List<String> words, List<Integer> inherited) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment pid = arena.allocate(4, 4);
      MemorySegment argv = strings(arena, words);
      MemorySegment environment =
          strings(
              arena,
              System.getenv().entrySet().stream()
                  .filter(e -> !e.getKey().equals(Keeper.SESSIONS))
                  .map(Map.Entry::toString)
                  .toList());
      inherited.forEach(fd -> NativeCalls.setInherited(fd, true));
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
                    environment.address());
      } catch (Throwable t) {
        throw CLibrary.never(t);
      } finally {
        inherited.forEach(fd -> NativeCalls.setInherited(fd, false));
      }
      if (answer != 0) {
        throw new IOException(words.getFirst() + " cannot be started (error " + answer + ")");
      }
      return Wire.getInt(pid, 0);
    }
  }

  private static MemorySegment strings(Arena arena, List<String> words) {
    MemorySegment array = arena.allocate(8L * (words.size() + 1), 8);
    for (int i = 0; i < words.size(); i++) {
      Wire.putLong(array, 8L * i, arena.allocateFrom(words.get(i)).address());
    }
    return array;
  }

  /** Writes into a pipe; returns false if nobody reads it any more. */
  static boolean say(int pipe, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment memory = arena.allocate(bytes.length);
      MemorySegment.copy(bytes, 0, memory, ValueLayout.JAVA_BYTE, 0, bytes.length);
      return NativeCalls.write(pipe, memory, bytes.length) == bytes.length;
    }
  }

  /** Waits until all have closed the writing end of a pipe. */
  static void awaitEnd(int pipe) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment none = arena.allocate(1);
      int n = NativeCalls.read(pipe, none);
      while (n > 0 || n == -EINTR) {
        n = NativeCalls.read(pipe, none);
      }
    }
  }

  /** Waits for the end of a child, so that it leaves nothing in the process table. */
  static void await(int pid) {
    int unused = wait(pid, 0);
  }

  /** Returns whether a child lives; one that does not leaves nothing in the process table. */
  static boolean lives(int pid) {
    return wait(pid, WNOHANG) == 0;
  }

  private static int wait(int pid, int options) {
    try {
      return (int) WAIT.invokeExact(CLibrary.state(), pid, 0L, options);
    } catch (Throwable t) {
      throw CLibrary.never(t);
    }
  }
}
