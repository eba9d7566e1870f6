package io.revfs.workspace.store;

import java.io.Closeable;
import java.io.InterruptedIOException;
import java.util.OptionalInt;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;

/**
 * How many files may be hashed at once ({@code core.checksum_jobs}): as many as there are cores, if
 * nothing else is wanted. Fewer where others need the disk, more where a network file system
 * answers slowly. One for all that a command reads. Thread-safe.
 */
public final class Hashers {
  private static final Closed NOTHING = () -> {};

  /** Each is a thread with memory of its own; more would not read faster. */
  private static final int MOST = 8 * Parallel.THREADS;

  private final int threads;
  private final @Nullable Semaphore turns;

  private Hashers(int threads, @Nullable Semaphore turns) {
    this.threads = threads;
    this.turns = turns;
  }

  /** A turn to hash, until it is closed. */
  public interface Closed extends Closeable {
    @Override
    void close();
  }

  /**
   * Returns as many as the configuration says, at most a few for each core; empty or less than one:
   * it says nothing.
   */
  public static Hashers of(OptionalInt jobs) {
    int wanted = Math.min(jobs.orElse(0), MOST);
    return wanted < 1
        ? new Hashers(Parallel.THREADS, null)
        : new Hashers(wanted, new Semaphore(wanted));
  }

  /** Returns how many threads one reading needs. */
  public int threads() {
    return threads;
  }

  /** Waits for a turn; whoever has one takes no second. */
  public Closed turn() throws InterruptedIOException {
    if (turns == null) {
      return NOTHING;
    }
    try {
      turns.acquire();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted");
    }
    return turns::release;
  }
}
