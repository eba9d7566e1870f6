package io.revfs.fuse;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.function.Supplier;

/**
 * Waits for what is going to be so. The limit is no claim of how fast it is: a machine with much
 * else to do may take any time, so it is only there for what never comes.
 */
public final class Await {
  private static final long LIMIT_NANOSECONDS = Duration.ofMinutes(2).toNanos();
  private static final Duration PAUSE = Duration.ofMillis(20);

  private Await() {}

  /** Something that is so, or not yet. */
  @FunctionalInterface
  public interface Condition {
    boolean holds() throws Exception;
  }

  /**
   * Waits until something is so.
   *
   * @param problem what to say if it never is
   */
  public static void until(String problem, Condition condition) throws Exception {
    until(() -> problem, condition);
  }

  /** As {@link #until(String, Condition)}; {@code problem} is asked only when it is to be said. */
  public static void until(Supplier<String> problem, Condition condition) throws Exception {
    if (!isSoInTime(condition)) {
      throw new AssertionError(problem.get());
    }
  }

  /** Waits until what is found is what is expected. */
  public static <T> void equal(T expected, Callable<T> found) throws Exception {
    boolean unused = isSoInTime(() -> expected.equals(found.call()));
    assertEquals(expected, found.call());
  }

  private static boolean isSoInTime(Condition condition) throws Exception {
    long begun = System.nanoTime();
    while (!condition.holds()) {
      if (System.nanoTime() - begun > LIMIT_NANOSECONDS) {
        return false;
      }
      Thread.sleep(PAUSE);
    }
    return true;
  }
}
