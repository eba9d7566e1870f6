package io.revfs.fuse.conformance;

import io.revfs.posix.CLibrary;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Functions of the C library by name, with texts and numbers: slow to call and quick to write. All
 * arguments are passed as 64 bits, which Linux's calling conventions allow for those of 32. For one
 * thread.
 */
final class SystemCalls implements AutoCloseable {
  /** Functions that give more than an int. */
  private static final List<String> LONG =
      List.of(
          "pread",
          "pwrite",
          "readlink",
          "getxattr",
          "listxattr",
          "lseek",
          "copy_file_range",
          "mmap");

  private final Map<String, MethodHandle> functions = new HashMap<>();
  private final Arena arena = Arena.ofConfined();

  /** Memory for what a call gives. */
  final MemorySegment answer = arena.allocate(64 << 10, 8);

  /** Calls; returns what it gives, or the error number negated. */
  long call(String name, Object... arguments) {
    boolean isLong = LONG.contains(name);
    MethodHandle function =
        functions.computeIfAbsent(
            name + arguments.length, key -> function(name, isLong, arguments.length));
    try (Arena texts = Arena.ofConfined()) {
      List<Object> all = new ArrayList<>();
      all.add(CLibrary.state());
      for (Object argument : arguments) {
        all.add(number(argument, texts));
      }
      Object given = function.invokeWithArguments(all);
      long result = given instanceof Integer i ? i : (Long) given;
      return result == -1 ? CLibrary.negativeErrno(CLibrary.state()) : result;
    } catch (Throwable t) {
      throw CLibrary.never(t);
    }
  }

  private static long number(Object argument, Arena texts) {
    return switch (argument) {
      case String text -> texts.allocateFrom(text, StandardCharsets.UTF_8).address();
      case MemorySegment memory -> memory.address();
      case Number number -> number.longValue();
      default -> throw new IllegalArgumentException(argument.toString());
    };
  }

  private static MethodHandle function(String name, boolean isLong, int arguments) {
    MemoryLayout[] layouts = new MemoryLayout[arguments];
    java.util.Arrays.fill(layouts, ValueLayout.JAVA_LONG);
    MemoryLayout result = isLong ? ValueLayout.JAVA_LONG : ValueLayout.JAVA_INT;
    return CLibrary.function(name, FunctionDescriptor.of(result, layouts));
  }

  @Override
  public void close() {
    arena.close();
  }
}
