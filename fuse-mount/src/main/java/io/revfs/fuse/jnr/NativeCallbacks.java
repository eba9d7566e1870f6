package io.revfs.fuse.jnr;

import jnr.ffi.Pointer;
import jnr.ffi.annotations.Delegate;
import jnr.ffi.types.mode_t;
import jnr.ffi.types.off_t;
import jnr.ffi.types.size_t;

/** What libfuse calls: the shapes of its operations, with paths as pointers to bytes. */
public final class NativeCallbacks {
  private NativeCallbacks() {}

  /** A call whose further arguments do not matter. */
  @FunctionalInterface
  public interface PathOnly {
    @Delegate
    int call(Pointer path);
  }

  /** A call with a struct to fill or to read. */
  @FunctionalInterface
  public interface PathPointer {
    @Delegate
    int call(Pointer path, Pointer struct);
  }

  /** A call that fills a buffer. */
  @FunctionalInterface
  public interface PathBuffer {
    @Delegate
    int call(Pointer path, Pointer buffer, @size_t long size);
  }

  /** {@code access}. */
  @FunctionalInterface
  public interface PathMode {
    @Delegate
    int call(Pointer path, @mode_t long mode);
  }

  /** {@code getxattr}. */
  @FunctionalInterface
  public interface GetXattr {
    @Delegate
    int call(Pointer path, Pointer name, Pointer buffer, @size_t long size);
  }

  /** {@code read}. */
  @FunctionalInterface
  public interface Read {
    @Delegate
    int call(Pointer path, Pointer buffer, @size_t long size, @off_t long offset, Pointer info);
  }

  /** {@code readdir}. */
  @FunctionalInterface
  public interface ReadDirectory {
    @Delegate
    int call(Pointer path, Pointer buffer, Pointer filler, @off_t long offset, Pointer info);
  }
}
