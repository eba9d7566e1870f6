package io.revfs.fuse.kernel;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.revfs.fuse.Errno;
import io.revfs.fuse.FuseException;
import org.jspecify.annotations.Nullable;

/**
 * The wait of one request, which who asked may give up. Only the wait is interrupted and never what
 * comes after: an interrupt closes the {@code FileChannel} that a thread reads from, for everybody
 * who reads that file. Thread-safe.
 */
final class Waiting {
  @GuardedBy("this")
  private @Nullable Thread thread;

  @GuardedBy("this")
  private boolean givenUp;

  /** Something that waits and does no file I/O of its own. */
  @FunctionalInterface
  interface Wait {
    void run() throws FuseException;
  }

  /** Who asked does not wait any longer: a wait that is under way, or the next one, ends. */
  synchronized void giveUp() {
    givenUp = true;
    if (thread != null) {
      thread.interrupt();
    }
  }

  /**
   * Waits on the calling thread.
   *
   * @throws FuseException EINTR when it was given up
   */
  void run(Wait wait) throws FuseException {
    synchronized (this) {
      if (givenUp) {
        throw new FuseException(Errno.EINTR, "interrupted");
      }
      thread = Thread.currentThread();
    }
    try {
      wait.run();
    } finally {
      synchronized (this) {
        thread = null;
        boolean unused = Thread.interrupted(); // it is for the wait, which is over
      }
    }
  }
}
