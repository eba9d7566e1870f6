package io.revfs.cache.local;

import io.revfs.fuse.FileNames;
import io.revfs.posix.CLibrary;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;

/**
 * Whether the kernel has pages of a file in memory, by cachestat(2), which Linux has from 6.5 on: a
 * trace of uses that nobody tells us of. Thread-safe.
 */
final class PageCache {
  private static final long SYS_CACHESTAT = 451; // the same on all architectures
  private static final int READ_ONLY_CLOSE_ON_EXEC = 02000000; // O_RDONLY | O_CLOEXEC
  private static final int RANGE_BYTES = 16; // offset, length (0: to the end)
  private static final int STATE_BYTES = 40; // five counts of pages; the first: in memory
  private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;
  private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG;
  private static final MethodHandle SYSCALL =
      CLibrary.function(
          "syscall",
          FunctionDescriptor.of(LONG, LONG, INT, LONG, LONG, INT),
          Linker.Option.firstVariadicArg(1));
  private static final MethodHandle OPEN =
      CLibrary.function(
          "open", FunctionDescriptor.of(INT, LONG, INT), Linker.Option.firstVariadicArg(2));
  private static final MethodHandle CLOSE =
      CLibrary.function("close", FunctionDescriptor.of(INT, INT));

  private PageCache() {}

  /** Returns false also where it cannot be told: no such file, or an older kernel. */
  static boolean holds(Path file) {
    byte[] name = FileNames.encode(file.toString());
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment path = arena.allocate(name.length + 1L);
      MemorySegment.copy(name, 0, path, ValueLayout.JAVA_BYTE, 0, name.length);
      int descriptor =
          (int) OPEN.invokeExact(CLibrary.state(), path.address(), READ_ONLY_CLOSE_ON_EXEC);
      if (descriptor < 0) {
        return false;
      }
      try {
        MemorySegment range = arena.allocate(RANGE_BYTES, Long.BYTES);
        MemorySegment state = arena.allocate(STATE_BYTES, Long.BYTES);
        long answer =
            (long)
                SYSCALL.invokeExact(
                    CLibrary.state(),
                    SYS_CACHESTAT,
                    descriptor,
                    range.address(),
                    state.address(),
                    0);
        return answer == 0 && state.get(LONG, 0) > 0;
      } finally {
        int unused = (int) CLOSE.invokeExact(CLibrary.state(), descriptor);
      }
    } catch (Throwable t) {
      throw CLibrary.never(t);
    }
  }
}
