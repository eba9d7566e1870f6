package io.revfs.command.repro;

import io.revfs.command.CommandFailure;
import io.revfs.command.tracking.Session;
import java.io.Closeable;
import java.io.IOException;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The lock on the project, and whose turn it is to use it: of the threads of one call one at a time
 * decides, records or writes. It is let go while a stage's command runs: that may call DVC itself.
 * Thread-safe; who made it has the turn.
 */
final class ProjectHold implements Closeable {
  private static final Closeable NOTHING = () -> {};

  private final Session session;
  private final ReentrantLock turn = new ReentrantLock();

  /** Held by whose turn it is. */
  private Closeable lock;

  ProjectHold(Session session) throws IOException {
    this.session = session;
    this.lock = session.lock(CommandFailure.OTHER);
    turn.lock();
  }

  /** Waits for the turn and the lock; closing gives both back. For a thread that has neither. */
  Closeable enter() throws IOException {
    turn.lock();
    try {
      lock = session.lockWaiting();
    } catch (IOException e) {
      turn.unlock();
      throw e;
    }
    return this::leave;
  }

  private void leave() throws IOException {
    try {
      lock.close();
    } finally {
      lock = NOTHING;
      turn.unlock();
    }
  }

  /**
   * Lets go until the returned thing is closed, which waits if need be. A thread that is
   * interrupted meanwhile has the turn again, but not the project's lock: all it may do is to give
   * back what it has.
   */
  Closeable pause() throws IOException {
    leave();
    return () -> {
      turn.lock();
      if (!Thread.currentThread().isInterrupted()) {
        lock = session.lockWaiting();
      }
    };
  }

  @Override
  public void close() throws IOException {
    if (turn.isHeldByCurrentThread()) {
      leave();
    }
  }
}
