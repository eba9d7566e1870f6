package io.revfs.fuse.local;

import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;

/**
 * One lock for the names of a whole tree: many walk paths at once, who changes paths is alone. So
 * no path changes while it is walked. Thread-safe.
 */
final class NameLock {
  private final ReadWriteLock names = new ReentrantReadWriteLock();

  /** Held for the length of a {@code try}. */
  interface Held extends AutoCloseable {
    @Override
    void close();
  }

  private static Held hold(Lock lock) {
    lock.lock();
    return lock::unlock;
  }

  /** Lets nobody change paths meanwhile. */
  Held stable() {
    return hold(names.readLock());
  }

  /** Lets nobody walk paths meanwhile. */
  Held changing() {
    return hold(names.writeLock());
  }
}
