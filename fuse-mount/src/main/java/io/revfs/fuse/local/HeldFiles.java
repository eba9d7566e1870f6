package io.revfs.fuse.local;

import java.util.OptionalInt;

/**
 * Holds files without a name where the next process finds them, for trees of those who cannot open
 * a file by the file system's handle. Thread-safe.
 */
public interface HeldFiles {
  /** Holds none: of root's trees, and of sessions that end with their process. */
  HeldFiles NONE =
      new HeldFiles() {
        @Override
        public boolean hold(long node, int fd) {
          return false;
        }

        @Override
        public void letGo(long node) {}

        @Override
        public OptionalInt find(long node) {
          return OptionalInt.empty();
        }
      };

  /**
   * Holds a node's file until {@link #letGo}.
   *
   * @param fd of it, the caller's still
   * @return false if there is no room
   */
  boolean hold(long node, int fd);

  /** Nobody uses the node any more. */
  void letGo(long node);

  /** Returns a descriptor of a node that a process before this one held; not the caller's. */
  OptionalInt find(long node);
}
