package io.revfs.fuse.jnr;

import io.revfs.fuse.jnr.NativeCallbacks.Allocate;
import io.revfs.fuse.jnr.NativeCallbacks.Create;
import io.revfs.fuse.jnr.NativeCallbacks.GetXattr;
import io.revfs.fuse.jnr.NativeCallbacks.MakeNode;
import io.revfs.fuse.jnr.NativeCallbacks.OffsetInfo;
import io.revfs.fuse.jnr.NativeCallbacks.Own;
import io.revfs.fuse.jnr.NativeCallbacks.PathBuffer;
import io.revfs.fuse.jnr.NativeCallbacks.PathMode;
import io.revfs.fuse.jnr.NativeCallbacks.PathOffset;
import io.revfs.fuse.jnr.NativeCallbacks.PathOnly;
import io.revfs.fuse.jnr.NativeCallbacks.PathPointer;
import io.revfs.fuse.jnr.NativeCallbacks.PathPointers;
import io.revfs.fuse.jnr.NativeCallbacks.ReadDirectory;
import io.revfs.fuse.jnr.NativeCallbacks.SetXattr;
import io.revfs.fuse.jnr.NativeCallbacks.Synchronize;
import io.revfs.fuse.jnr.NativeCallbacks.Transfer;
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
  final Func<MakeNode> mknod = slot(MakeNode.class);
  final Func<PathMode> mkdir = slot(PathMode.class);
  final Func<PathOnly> unlink = slot(PathOnly.class);
  final Func<PathOnly> rmdir = slot(PathOnly.class);
  final Func<PathPointer> symlink = slot(PathPointer.class);
  final Func<PathPointer> rename = slot(PathPointer.class);
  final Func<PathPointer> link = slot(PathPointer.class);
  final Func<PathMode> chmod = slot(PathMode.class);
  final Func<Own> chown = slot(Own.class);
  final Func<PathOffset> truncate = slot(PathOffset.class);
  final Func<PathOnly> utime = slot(PathOnly.class);
  final Func<PathPointer> open = slot(PathPointer.class);
  final Func<Transfer> read = slot(Transfer.class);
  final Func<Transfer> write = slot(Transfer.class);
  final Func<PathPointer> statfs = slot(PathPointer.class);
  final Func<PathPointer> flush = slot(PathPointer.class);
  final Func<PathPointer> release = slot(PathPointer.class);
  final Func<Synchronize> fsync = slot(Synchronize.class);
  final Func<SetXattr> setxattr = slot(SetXattr.class);
  final Func<GetXattr> getxattr = slot(GetXattr.class);
  final Func<PathBuffer> listxattr = slot(PathBuffer.class);
  final Func<PathPointer> removexattr = slot(PathPointer.class);
  final Func<PathPointer> opendir = slot(PathPointer.class);
  final Func<ReadDirectory> readdir = slot(ReadDirectory.class);
  final Func<PathPointer> releasedir = slot(PathPointer.class);
  final Func<Synchronize> fsyncdir = slot(Synchronize.class);
  final Func<PathOnly> init = slot(PathOnly.class);
  final Func<PathOnly> destroy = slot(PathOnly.class);
  final Func<PathMode> access = slot(PathMode.class);
  final Func<Create> create = slot(Create.class);
  final Func<OffsetInfo> ftruncate = slot(OffsetInfo.class);
  final Func<PathPointers> fgetattr = slot(PathPointers.class);
  final Func<PathOnly> lock = slot(PathOnly.class);
  final Func<PathPointer> utimens = slot(PathPointer.class);
  final Func<PathOnly> bmap = slot(PathOnly.class);

  /** Bit fields: {@code flag_nullpath_ok}, {@code flag_nopath}, {@code flag_utime_omit_ok}. */
  final Unsigned32 flags = new Unsigned32();

  final Func<PathOnly> ioctl = slot(PathOnly.class);
  final Func<PathOnly> poll = slot(PathOnly.class);
  final Func<PathOnly> writeBuf = slot(PathOnly.class);
  final Func<PathOnly> readBuf = slot(PathOnly.class);
  final Func<PathOnly> flock = slot(PathOnly.class);
  final Func<Allocate> fallocate = slot(Allocate.class);

  /** Open files need no path; utimens is told which of its times is not to be changed. */
  static final int WITHOUT_PATHS = 7;

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
