package io.revfs.workspace.watch;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.revfs.posix.Inotify;
import io.revfs.posix.PosixFailure;
import java.io.Closeable;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells those who watch directories what changed in them. The kernel queues an event before the
 * call that caused it returns; so after {@link #drain} everything that anybody did before has been
 * told. Thread-safe.
 *
 * <p>Lock order: this one's lock, then those of subscribers, which therefore call nothing here
 * while they hold theirs.
 */
final class DirectoryWatcher implements Closeable {
  private static final Logger log = LoggerFactory.getLogger(DirectoryWatcher.class);
  private static final int WAIT_MILLISECONDS = 500;

  /** Events are taken in groups; the kernel's queue holds 16,384 of them. */
  private static final long PAUSE_NANOSECONDS = TimeUnit.MILLISECONDS.toNanos(10);

  @GuardedBy("this")
  private @Nullable Inotify inotify;

  @GuardedBy("this")
  private final Map<Integer, List<Subscriber>> subscribers = new HashMap<>();

  @GuardedBy("this")
  private boolean closed;

  private @Nullable Thread thread;

  private final WatchMemory memory;
  private final IntConsumer opened;

  /** Watches nothing yet, and nothing for the next process. */
  public DirectoryWatcher() {
    this(WatchMemory.NONE, null, fd -> {});
  }

  /**
   * Watches nothing yet, or what another process did.
   *
   * @param memory is told while events are read
   * @param inherited of that process, this object's from here on
   * @param opened is told of the descriptor when there is one
   */
  DirectoryWatcher(WatchMemory memory, @Nullable Inotify inherited, IntConsumer opened) {
    this.memory = memory;
    this.inotify = inherited;
    this.opened = opened;
  }

  /** Is told what changed. */
  interface Subscriber {
    /** Something changed in a directory; see {@link Inotify.Listener}. */
    void changed(int watch, int events, byte[] name);

    /** Nobody knows what changed. */
    void lost();
  }

  /** Returns how many directories are watched. */
  synchronized int size() {
    return subscribers.size();
  }

  /**
   * Watches an open directory for the subscriber; returns the number that it has in events, or a
   * negated error number.
   */
  synchronized int watch(int directory, int events, Subscriber subscriber) {
    if (closed) {
      return -PosixFailure.EMFILE;
    }
    try {
      if (inotify == null) {
        inotify = Inotify.open();
        opened.accept(inotify.descriptor());
      }
      listen(inotify);
      int watch = inotify.watch(directory, events);
      if (watch >= 0) {
        List<Subscriber> all = subscribers.computeIfAbsent(watch, w -> new ArrayList<>(1));
        if (!all.contains(subscriber)) {
          all.add(subscriber);
        }
      }
      return watch;
    } catch (IOException e) {
      log.info("directories are not watched: {}", e.getMessage());
      return -PosixFailure.EMFILE;
    }
  }

  @GuardedBy("this")
  private void listen(Inotify to) {
    if (thread == null) {
      thread = Thread.ofPlatform().daemon().name("watch").start(() -> run(to));
    }
  }

  /** Watches for the subscriber what a process before this one did, under the same number. */
  synchronized void adopt(int watch, Subscriber subscriber) {
    subscribers.computeIfAbsent(watch, w -> new ArrayList<>(1)).add(subscriber);
  }

  /** Ends watches of a process before this one that nobody has adopted, and listens to the rest. */
  synchronized void begin(Collection<Integer> watches) {
    if (inotify != null) {
      for (int watch : watches) {
        if (!subscribers.containsKey(watch)) {
          inotify.unwatch(watch);
        }
      }
      listen(inotify);
    }
  }

  /** Ends watches of a subscriber. */
  synchronized void unwatch(Subscriber subscriber, Collection<Integer> watches) {
    for (int watch : watches) {
      List<Subscriber> left = subscribers.get(watch);
      if (left != null && left.remove(subscriber) && left.isEmpty()) {
        subscribers.remove(watch);
        if (inotify != null) {
          inotify.unwatch(watch);
        }
      }
    }
  }

  /** Tells the subscribers of all that happened before this call. */
  public synchronized void drain() {
    if (inotify == null) {
      return;
    }
    memory.reading(true);
    try {
      inotify.read(this::dispatch);
    } catch (IOException e) {
      log.warn("events of directories are lost: {}", e.getMessage());
      loseAll();
    }
    memory.reading(false); // not if this ends otherwise: then they may be lost
  }

  private synchronized void dispatch(int watch, int events, byte[] name) {
    if (watch < 0) {
      log.debug("more happened in watched directories than the kernel's queue takes");
      loseAll();
      return;
    }
    List<Subscriber> told = subscribers.get(watch);
    if (told != null) {
      told.forEach(subscriber -> subscriber.changed(watch, events, name));
    }
    if ((events & Inotify.IGNORED) != 0) {
      subscribers.remove(watch);
    }
  }

  @GuardedBy("this")
  private void loseAll() {
    Set<Subscriber> all = new HashSet<>();
    subscribers.values().forEach(all::addAll);
    all.forEach(Subscriber::lost);
  }

  private void run(Inotify opened) {
    try {
      while (!isClosed()) {
        opened.await(WAIT_MILLISECONDS);
        drain();
        LockSupport.parkNanos(PAUSE_NANOSECONDS);
      }
    } catch (IOException e) {
      log.warn("directories are not watched any more: {}", e.getMessage());
      synchronized (this) {
        loseAll();
      }
    }
  }

  private synchronized boolean isClosed() {
    return closed;
  }

  @Override
  public void close() {
    synchronized (this) {
      if (closed) {
        return;
      }
      closed = true;
      loseAll();
      subscribers.clear();
    }
    boolean interrupted = false;
    while (thread != null && thread.isAlive()) { // it looks up within half a second
      try {
        thread.join();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    synchronized (this) {
      if (inotify != null) {
        inotify.close();
        inotify = null;
      }
    }
  }
}
