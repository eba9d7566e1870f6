package io.revfs.fuse.kernel.turn;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;

class BurstsTest {
  private final AtomicInteger held = new AtomicInteger();
  private final Bursts bursts = new Bursts(() -> held.compareAndSet(0, 1), () -> held.set(0));

  private static void answered(Bursts bursts, long within) {
    long now = System.nanoTime();
    bursts.answered(now - within, now);
  }

  private static void await(BooleanSupplier condition) {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
    while (!condition.getAsBoolean() && System.nanoTime() < deadline) {
      Thread.onSpinWait();
    }
    assertTrue(condition.getAsBoolean());
  }

  @Test
  void processorsAreAwakeInABurst_andAsleepAfterIt() {
    for (int i = 0; i < 3; i++) {
      await(
          () -> {
            answered(bursts, TimeUnit.MILLISECONDS.toNanos(1));
            return held.get() == 1;
          });
      await(() -> held.get() == 0);
    }
  }

  @Test
  void fewRequests_areNoBurst() {
    answered(bursts, TimeUnit.MILLISECONDS.toNanos(500));
    assertFalse(bursts.isActive());
  }

  @Test
  void whoDoesNotWantIt_doesNotHaveIt() {
    bursts.allow(false);
    answered(bursts, TimeUnit.MILLISECONDS.toNanos(1));
    assertFalse(bursts.isActive());
  }
}
