package io.revfs.fuse.jnr;

import io.revfs.fuse.Errno;

/** What a tree that cannot be written says to whoever tries. */
final class ReadOnly {
  private static final int REFUSED = -Errno.EROFS.number();

  private ReadOnly() {}

  /** Fills those slots of libfuse's struct that change a tree. */
  static void register(NativeOperations slots) {
    slots.mknod.set((path, mode, device) -> REFUSED);
    slots.mkdir.set((path, mode) -> REFUSED);
    slots.unlink.set(path -> REFUSED);
    slots.rmdir.set(path -> REFUSED);
    slots.symlink.set((target, path) -> REFUSED);
    slots.rename.set((path, newPath) -> REFUSED);
    slots.link.set((path, newPath) -> REFUSED);
    slots.chmod.set((path, mode) -> REFUSED);
    slots.chown.set((path, uid, gid) -> REFUSED);
    slots.truncate.set((path, size) -> REFUSED);
    slots.write.set((path, from, size, at, info) -> REFUSED);
    slots.setxattr.set((path, name, value, size, flags) -> REFUSED);
    slots.removexattr.set((path, name) -> REFUSED);
    slots.create.set((path, mode, info) -> REFUSED);
    slots.utimens.set((path, times) -> REFUSED);
  }
}
