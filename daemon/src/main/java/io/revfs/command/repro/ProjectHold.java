package io.revfs.command.repro;

import io.revfs.command.CommandFailure;
import io.revfs.command.tracking.Session;
import java.io.Closeable;
import java.io.IOException;

/**
 * The lock on the project, which is let go while a stage's command runs: that may call DVC itself.
 * For one thread.
 */
final class ProjectHold implements Closeable {
  private final Session session;
  private Closeable lock;

  ProjectHold(Session session) throws IOException {
    this.session = session;
    this.lock = session.lock(CommandFailure.OTHER);
  }

  /** Lets go until the returned thing is closed, which waits for the lock if need be. */
  Closeable pause() throws IOException {
    lock.close();
    lock = () -> {};
    return () -> lock = session.lockWaiting();
  }

  @Override
  public void close() throws IOException {
    lock.close();
  }
}
