package io.revfs.workspace.watch;

import io.revfs.posix.FileCalls;
import java.util.Set;

/** Which file systems tell of all changes: those that only this machine's kernel writes. */
final class FileSystems {
  // linux/magic.h, and those of the file systems themselves
  private static final Set<Long> LOCAL =
      Set.of(
          0xEF53L, // ext2, ext3, ext4
          0x58465342L, // XFS
          0x9123683EL, // btrfs
          0xF2F52010L, // f2fs
          0x2FC12FC1L, // ZFS
          0xCA451A4EL, // bcachefs
          0x01021994L, // tmpfs
          0x858458F6L, // ramfs
          0x794C7630L); // overlayfs: what is written below it is undefined anyway

  private FileSystems() {}

  /** Returns whether changes on the file system of an open directory are all told. */
  static boolean isWatchable(int fd) {
    return LOCAL.contains(FileCalls.fileSystem(fd));
  }
}
