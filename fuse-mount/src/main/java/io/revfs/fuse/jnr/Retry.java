package io.revfs.fuse.jnr;

import io.revfs.fuse.Errno;
import io.revfs.fuse.FuseException;

/** Looks again where something else is at a node's place, as the kernel does by itself. */
final class Retry {
  private static final int TRIES = 8;

  private Retry() {}

  /** What may find that a node is not there any more. */
  @FunctionalInterface
  interface Work<T> {
    T run() throws FuseException;
  }

  /** Runs something until it does not fail with ESTALE, or has done so often. */
  static <T> T whileStale(Work<T> work) throws FuseException {
    for (int failures = 1; ; failures++) {
      try {
        return work.run();
      } catch (FuseException e) {
        if (e.errno() != Errno.ESTALE || failures == TRIES) {
          throw e;
        }
      }
    }
  }
}
