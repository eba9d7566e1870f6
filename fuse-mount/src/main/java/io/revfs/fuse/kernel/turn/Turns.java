package io.revfs.fuse.kernel.turn;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.revfs.posix.FileCalls;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Who of a session's threads reads requests. If all of them waited in the kernel, each request
 * would wake another one, and to wake a processor takes longer than to answer. So one thread reads
 * as long as it keeps up, and looks again for a moment before it sleeps: who works file by file
 * finds it awake.
 *
 * <p>More threads read when requests queue up. One thread that stands by looks from time to time
 * whether those that read are held up, and reads in their place then. Thread-safe; a {@link Turn}
 * is one thread's.
 */
public final class Turns {
  /** How long to look for the next request before sleeping: about what a wake-up costs twice. */
  private static final long LOOK_NANOS = TimeUnit.MICROSECONDS.toNanos(50);

  /** How long a request may take before somebody else reads. */
  private static final long HELD_UP_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

  /** How long there is nothing to do until nobody looks after those that read any more. */
  private static final long QUIET_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

  /**
   * After so many requests that were there already, and of several callers, another thread reads as
   * well. One caller alone waits for each of its answers, and is often quicker than who looks.
   */
  private static final int BACKLOG = 8;

  private static final int MOST_TRUST = 32;

  private final boolean looks;
  private final Afterwards afterwards = new Afterwards();
  private final List<Turn> all = new CopyOnWriteArrayList<>();
  private final ReentrantLock lock = new ReentrantLock();

  /** Of the one that watches. */
  private final Condition called = lock.newCondition();

  /** Of all others that stand by. */
  private final Condition others = lock.newCondition();

  @GuardedBy("lock")
  private int readers;

  /** How many more are to read. */
  @GuardedBy("lock")
  private int calls;

  @GuardedBy("lock")
  private boolean isWatched;

  @GuardedBy("lock")
  private boolean ended;

  private volatile boolean watching;
  private volatile long lastRequest = System.nanoTime();

  /**
   * Turns of threads.
   *
   * @param looks whether one reads and looks again before it sleeps, which takes a second
   *     processor; else all read at all times
   */
  public Turns(boolean looks) {
    this.looks = looks;
    this.calls = looks ? 1 : Integer.MAX_VALUE;
  }

  /**
   * Says whether idle processors are kept awake while somebody works file by file, in all sessions
   * of this process; they are unless it is said, where this process may (root).
   */
  public static void keepAwake(boolean whenBusy) {
    Bursts.all().allow(whenBusy);
  }

  /** One thread's part in it. */
  public final class Turn {
    private final int fd;

    /** When the request that is being answered began; 0: none is. */
    private volatile long since;

    /** Changed with the lock. */
    private volatile boolean reads;

    private int backlog;
    private int caller;
    private boolean several;

    /** Requests since {@link #counted}. */
    private int requests;

    private long counted;

    /** Whether looking again found something lately: above zero. */
    private int trust;

    private Turn(int fd) {
      this.fd = fd;
    }

    /** Returns when this thread is to read from its descriptor, which may wait then. */
    public void await() {
      while (looks && afterwards.isDue() && afterwards.runNext()) {
        backlog = 0; // who reads may be held up by it, as by a request
      }
      since = 0;
      if (!reads) {
        standBy(this);
      }
      if (!looks || isReady()) {
        return;
      }
      since = System.nanoTime();
      while (afterwards.runNext()) {
        if (isReady()) {
          return;
        }
      }
      since = 0;
      backlog = 0;
      several = false;
      if (retires(this)) {
        standBy(this);
      }
      look();
    }

    private boolean isReady() {
      return FileCalls.isReadable(fd);
    }

    private void look() {
      if (trust <= 0) {
        return;
      }
      long end = System.nanoTime() + LOOK_NANOS;
      do {
        Thread.onSpinWait();
        if (isReady()) {
          trust = Math.min(MOST_TRUST, trust + 1);
          return;
        }
      } while (System.nanoTime() < end);
      trust -= 2;
    }

    /**
     * A request was read.
     *
     * @param slow whether to answer it will take long, so that somebody else is to read
     * @param thread who asks; 0: the kernel itself
     */
    public void began(boolean slow, int thread) {
      if (++requests >= Bursts.REQUESTS) {
        long now = System.nanoTime();
        Bursts.all().answered(counted, now);
        counted = now;
        requests = 0;
      }
      if (!looks) {
        return;
      }
      long now = System.nanoTime();
      if (trust <= 0 && now - lastRequest < LOOK_NANOS) {
        trust += 2; // it was worth to look
      }
      lastRequest = now;
      since = now;
      if (slow) {
        passOn(this);
      } else {
        several |= thread != caller && thread != 0 && caller != 0 && backlog > 0;
        caller = thread == 0 ? caller : thread;
        if (++backlog >= BACKLOG) {
          if (several) {
            callAnother();
          }
          backlog = 0;
          several = false;
        }
      }
      if (!watching) {
        startWatching();
      }
    }
  }

  /** Does what nobody waits for when there is nothing else to do, or soon in any case. */
  public void afterwards(Runnable work) {
    if (looks) {
      afterwards.add(work);
    } else {
      work.run();
    }
  }

  /** Makes a thread's turn; {@code fd} is what it reads from. */
  public Turn join(int fd) {
    Turn turn = new Turn(fd);
    all.add(turn);
    return turn;
  }

  /** There are no more requests: all that stand by are to see that. */
  public void end() {
    lock.lock();
    try {
      ended = true;
      called.signalAll();
      others.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Waits until somebody is wanted. */
  private void standBy(Turn turn) {
    lock.lock();
    try {
      while (!ended && calls == 0 && !takesPlaceOfHeldUp()) {
        if (isWatched) {
          others.awaitUninterruptibly();
        } else {
          watch();
        }
      }
      calls = Math.max(0, calls - 1);
      turn.reads = true;
      readers++;
      others.signal(); // another one watches now
    } finally {
      lock.unlock();
    }
  }

  /** One of those that stand by: for a moment, or, when there is nothing to do, until called. */
  @GuardedBy("lock")
  @SuppressWarnings("WaitNotInLoop") // the caller looks again, whatever woke it
  private void watch() {
    isWatched = true;
    try {
      if (System.nanoTime() - lastRequest > QUIET_NANOS) {
        watching = false;
        called.awaitUninterruptibly();
      } else {
        watching = true;
        long unused = called.awaitNanos(HELD_UP_NANOS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      isWatched = false;
      watching = true;
    }
  }

  /** Where all that read are held up, one of them reads no more. */
  @GuardedBy("lock")
  private boolean takesPlaceOfHeldUp() {
    long now = System.nanoTime();
    Turn heldUp = null;
    for (Turn turn : all) {
      if (turn.reads) {
        long since = turn.since;
        if (since == 0 || now - since < HELD_UP_NANOS) {
          return false;
        }
        heldUp = turn;
      }
    }
    if (heldUp == null) {
      return false;
    }
    heldUp.reads = false;
    readers--;
    calls++; // this one
    return true;
  }

  private boolean retires(Turn turn) {
    lock.lock();
    try {
      if (readers <= 1 || ended) {
        return false;
      }
      turn.reads = false;
      readers--;
      return true;
    } finally {
      lock.unlock();
    }
  }

  private void passOn(Turn turn) {
    lock.lock();
    try {
      if (turn.reads) {
        turn.reads = false;
        readers--;
        if (readers == 0) {
          calls++;
          called.signal();
        }
      }
    } finally {
      lock.unlock();
    }
  }

  private void callAnother() {
    lock.lock();
    try {
      if (calls == 0 && readers < all.size()) {
        calls++;
        called.signal();
      }
    } finally {
      lock.unlock();
    }
  }

  private void startWatching() {
    lock.lock();
    try {
      if (!watching) {
        watching = true;
        called.signal();
      }
    } finally {
      lock.unlock();
    }
  }
}
