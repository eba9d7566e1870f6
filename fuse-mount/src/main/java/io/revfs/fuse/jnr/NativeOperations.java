package io.revfs.fuse.jnr;

import io.revfs.fuse.jnr.NativeCallbacks.GetXattr;
import io.revfs.fuse.jnr.NativeCallbacks.PathBuffer;
import io.revfs.fuse.jnr.NativeCallbacks.PathMode;
import io.revfs.fuse.jnr.NativeCallbacks.PathOnly;
import io.revfs.fuse.jnr.NativeCallbacks.PathPointer;
import io.revfs.fuse.jnr.NativeCallbacks.Read;
import io.revfs.fuse.jnr.NativeCallbacks.ReadDirectory;
import jnr.ffi.Runtime;
import jnr.ffi.Struct;

/**
 * {@code struct fuse_operations} of libfuse 2.9 (fuse.h, FUSE_USE_VERSION 26). jnr-fuse's own has
 * paths as Java strings in the JVM's default charset, which loses names that are not UTF-8; here
 * they are pointers.
 */
@SuppressWarnings("checkstyle:MemberName") // the fields are the C struct's, in its order
final class NativeOperations extends Struct {
  final Func<PathPointer> getattr = slot(PathPointer.class);
  final Func<PathBuffer> readlink = slot(PathBuffer.class);
  final Func<PathOnly> getdir = slot(PathOnly.class);
  final Func<PathOnly> mknod = slot(PathOnly.class);
  final Func<PathOnly> mkdir = slot(PathOnly.class);
  final Func<PathOnly> unlink = slot(PathOnly.class);
  final Func<PathOnly> rmdir = slot(PathOnly.class);
  final Func<PathOnly> symlink = slot(PathOnly.class);
  final Func<PathOnly> rename = slot(PathOnly.class);
  final Func<PathOnly> link = slot(PathOnly.class);
  final Func<PathOnly> chmod = slot(PathOnly.class);
  final Func<PathOnly> chown = slot(PathOnly.class);
  final Func<PathOnly> truncate = slot(PathOnly.class);
  final Func<PathOnly> utime = slot(PathOnly.class);
  final Func<PathPointer> open = slot(PathPointer.class);
  final Func<Read> read = slot(Read.class);
  final Func<PathOnly> write = slot(PathOnly.class);
  final Func<PathPointer> statfs = slot(PathPointer.class);
  final Func<PathPointer> flush = slot(PathPointer.class);
  final Func<PathPointer> release = slot(PathPointer.class);
  final Func<PathOnly> fsync = slot(PathOnly.class);
  final Func<PathOnly> setxattr = slot(PathOnly.class);
  final Func<GetXattr> getxattr = slot(GetXattr.class);
  final Func<PathBuffer> listxattr = slot(PathBuffer.class);
  final Func<PathOnly> removexattr = slot(PathOnly.class);
  final Func<PathPointer> opendir = slot(PathPointer.class);
  final Func<ReadDirectory> readdir = slot(ReadDirectory.class);
  final Func<PathPointer> releasedir = slot(PathPointer.class);
  final Func<PathOnly> fsyncdir = slot(PathOnly.class);
  final Func<PathOnly> init = slot(PathOnly.class);
  final Func<PathOnly> destroy = slot(PathOnly.class);
  final Func<PathMode> access = slot(PathMode.class);
  final Func<PathOnly> create = slot(PathOnly.class);
  final Func<PathOnly> ftruncate = slot(PathOnly.class);
  final Func<PathOnly> fgetattr = slot(PathOnly.class);
  final Func<PathOnly> lock = slot(PathOnly.class);
  final Func<PathOnly> utimens = slot(PathOnly.class);
  final Func<PathOnly> bmap = slot(PathOnly.class);

  /** Bit fields: {@code flag_nullpath_ok}, {@code flag_nopath}, ... */
  final Unsigned32 flags = new Unsigned32();

  final Func<PathOnly> ioctl = slot(PathOnly.class);
  final Func<PathOnly> poll = slot(PathOnly.class);
  final Func<PathOnly> writeBuf = slot(PathOnly.class);
  final Func<PathOnly> readBuf = slot(PathOnly.class);
  final Func<PathOnly> flock = slot(PathOnly.class);
  final Func<PathOnly> fallocate = slot(PathOnly.class);

  NativeOperations(Runtime runtime) {
    super(runtime);
  }

  /** A function slot of the struct that keeps its closure alive. */
  static final class Func<T> {
    private final Function<T> slot;

    Func(Function<T> slot) {
      this.slot = slot;
    }

    void set(T closure) {
      slot.set(closure);
    }
  }

  private <T> Func<T> slot(Class<T> type) {
    return new Func<>(function(type));
  }
}
