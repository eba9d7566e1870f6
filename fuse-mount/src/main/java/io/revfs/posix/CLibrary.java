package io.revfs.posix;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;
import java.util.Arrays;

/** How functions of the C library are found, and how they tell of their failures. Thread-safe. */
public final class CLibrary {
  private static final StructLayout STATE = Linker.Option.captureStateLayout();
  private static final VarHandle ERRNO =
      STATE.varHandle(MemoryLayout.PathElement.groupElement("errno"));

  /** Memory in which a call leaves errno; one for each thread that calls. */
  private static final ThreadLocal<MemorySegment> STATES =
      ThreadLocal.withInitial(() -> Arena.ofAuto().allocate(STATE));

  private CLibrary() {}

  /** Returns a function whose first argument is {@link #state()}. */
  @SuppressWarnings("restricted") // the C library's own functions, by their documented types
  public static MethodHandle function(
      String name, FunctionDescriptor descriptor, Linker.Option... more) {
    Linker linker = Linker.nativeLinker();
    Linker.Option[] options = Arrays.copyOf(more, more.length + 1);
    options[more.length] = Linker.Option.captureCallState("errno");
    return linker.downcallHandle(
        linker.defaultLookup().find(name).orElseThrow(), descriptor, options);
  }

  /** Returns this thread's memory for errno. */
  public static MemorySegment state() {
    return STATES.get();
  }

  /** Returns the error number that the last call left, negated. */
  public static int negativeErrno(MemorySegment state) {
    return -(int) ERRNO.get(state, 0L);
  }

  /** Returns what to throw for a throwable that native code cannot have thrown. */
  public static RuntimeException never(Throwable t) {
    if (t instanceof RuntimeException e) {
      return e;
    }
    if (t instanceof Error e) {
      throw e;
    }
    return new IllegalStateException(t);
  }
}
