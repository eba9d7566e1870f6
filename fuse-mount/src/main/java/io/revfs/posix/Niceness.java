package io.revfs.posix;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/** How much a thread gives way to others. */
public final class Niceness {
  /** sys/resource.h, PRIO_PROCESS: on Linux a thread. */
  private static final int THREAD = 0;

  private static final int LEAST = 19;

  private static final MethodHandle SET =
      CLibrary.function(
          "setpriority",
          FunctionDescriptor.of(
              ValueLayout.JAVA_INT,
              ValueLayout.JAVA_INT,
              ValueLayout.JAVA_INT,
              ValueLayout.JAVA_INT));

  private Niceness() {}

  /** Lets the calling platform thread run only when nobody else wants to; returns 0. */
  public static int least() {
    MemorySegment state = CLibrary.state();
    try {
      int n = (int) SET.invokeExact(state, THREAD, 0, LEAST);
      return n < 0 ? CLibrary.negativeErrno(state) : n;
    } catch (Throwable t) {
      throw CLibrary.never(t);
    }
  }
}
