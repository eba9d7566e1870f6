package io.revfs.project;

import java.io.Closeable;
import java.io.IOException;

/**
 * DVC's lock on a project, {@code .dvc/tmp/lock}: held by one process, of either kind, at a time.
 */
public final class ProjectLock {
  private ProjectLock() {}

  /**
   * Takes the lock; closing gives it back.
   *
   * @param wait whether to wait for as long as it takes, rather than three seconds
   * @throws LockedException if another has it
   */
  public static Closeable take(Project project, boolean wait) throws IOException {
    return new LockFile(project.tmp().resolve("lock"), byHardLink(project))
        .take(wait)
        .orElseThrow(
            () ->
                new LockedException(
                    "Unable to acquire lock. Most likely another DVC process is running or was"
                        + " terminated abruptly",
                    "wait until it ends, or add --wait-for-lock"));
  }

  static boolean byHardLink(Project project) {
    return project.isSet("core", "hardlink_lock", false);
  }
}
