package io.revfs.fuse.jnr;

import jnr.ffi.Pointer;
import jnr.ffi.annotations.Delegate;
import jnr.ffi.types.dev_t;
import jnr.ffi.types.gid_t;
import jnr.ffi.types.mode_t;
import jnr.ffi.types.off_t;
import jnr.ffi.types.size_t;
import jnr.ffi.types.uid_t;

/**
 * What libfuse calls: the shapes of its operations, with paths as pointers to bytes. The path is
 * null where an open file or directory says what is meant.
 */
public final class NativeCallbacks {
  private NativeCallbacks() {}

  /** A call whose further arguments do not matter. */
  @FunctionalInterface
  public interface PathOnly {
    @Delegate
    int call(Pointer path);
  }

  /** A call with a struct to fill or to read, or a second path or name. */
  @FunctionalInterface
  public interface PathPointer {
    @Delegate
    int call(Pointer path, Pointer second);
  }

  /** A call with two structs. */
  @FunctionalInterface
  public interface PathPointers {
    @Delegate
    int call(Pointer path, Pointer struct, Pointer info);
  }

  /** A call that fills a buffer. */
  @FunctionalInterface
  public interface PathBuffer {
    @Delegate
    int call(Pointer path, Pointer buffer, @size_t long size);
  }

  /** {@code access}, {@code mkdir}, {@code chmod}. */
  @FunctionalInterface
  public interface PathMode {
    @Delegate
    int call(Pointer path, @mode_t long mode);
  }

  /** {@code mknod}. */
  @FunctionalInterface
  public interface MakeNode {
    @Delegate
    int call(Pointer path, @mode_t long mode, @dev_t long device);
  }

  /** {@code chown}. */
  @FunctionalInterface
  public interface Own {
    @Delegate
    int call(Pointer path, @uid_t long uid, @gid_t long gid);
  }

  /** {@code truncate}. */
  @FunctionalInterface
  public interface PathOffset {
    @Delegate
    int call(Pointer path, @off_t long size);
  }

  /** {@code ftruncate}. */
  @FunctionalInterface
  public interface OffsetInfo {
    @Delegate
    int call(Pointer path, @off_t long size, Pointer info);
  }

  /** {@code create}. */
  @FunctionalInterface
  public interface Create {
    @Delegate
    int call(Pointer path, @mode_t long mode, Pointer info);
  }

  /** {@code fsync}, {@code fsyncdir}. */
  @FunctionalInterface
  public interface Synchronize {
    @Delegate
    int call(Pointer path, int dataOnly, Pointer info);
  }

  /** {@code fallocate}. */
  @FunctionalInterface
  public interface Allocate {
    @Delegate
    int call(Pointer path, int mode, @off_t long offset, @off_t long length, Pointer info);
  }

  /** {@code getxattr}. */
  @FunctionalInterface
  public interface GetXattr {
    @Delegate
    int call(Pointer path, Pointer name, Pointer buffer, @size_t long size);
  }

  /** {@code setxattr}. */
  @FunctionalInterface
  public interface SetXattr {
    @Delegate
    int call(Pointer path, Pointer name, Pointer value, @size_t long size, int flags);
  }

  /** {@code read}, {@code write}. */
  @FunctionalInterface
  public interface Transfer {
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
