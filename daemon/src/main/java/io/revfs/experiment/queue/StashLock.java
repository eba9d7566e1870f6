package io.revfs.experiment.queue;

import io.revfs.experiment.queue.celery.QueueEntry;
import io.revfs.project.LockedException;
import io.revfs.project.PathLocks;
import io.revfs.project.Project;
import java.io.Closeable;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** DVC's lock on the log of stashed experiments, which its workers take out of it too. */
record StashLock(Project project) {
  private static final long PATIENCE_SECONDS = 60;
  private static final long PAUSE_MILLISECONDS = 20;

  /** Takes it; whoever else has it needs it for a moment only. */
  Closeable take() throws IOException {
    PathLocks locks = PathLocks.ofExperiments(project);
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
    while (true) {
      try {
        return locks.take("revfs", List.of(), List.of(Path.of(QueueEntry.STASH)));
      } catch (LockedException e) {
        if (System.nanoTime() > deadline) {
          throw e;
        }
        pause();
      }
    }
  }

  private static void pause() throws IOException {
    try {
      TimeUnit.MILLISECONDS.sleep(PAUSE_MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted");
    }
  }
}
