package io.revfs.remote.wrapper;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.revfs.remote.Remote;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Remotes that were replaced, and that nobody closes. */
class UnusedRemoteTest {
  private static final int TRIES = 600;
  private static final long BETWEEN_MILLIS = 100;

  private final CountDownLatch closed = new CountDownLatch(1);
  private final AtomicInteger closings = new AtomicInteger();

  private Remote open() {
    return new UnusedRemote(
        (Remote)
            Proxy.newProxyInstance(
                Remote.class.getClassLoader(),
                new Class<?>[] {Remote.class},
                (proxy, method, arguments) -> {
                  if (method.getName().equals("close")) {
                    closings.incrementAndGet();
                    closed.countDown();
                    return null;
                  }
                  return closings.get() == 0;
                }));
  }

  @Test
  void remoteThatNobodyHas_isClosed() throws Exception {
    openAndLeave();
    for (int i = 0; i < TRIES && !closed.await(BETWEEN_MILLIS, TimeUnit.MILLISECONDS); i++) {
      System.gc();
    }
    assertEquals(1, closings.get());
  }

  /** In a frame of its own: nothing holds the remote when it has ended. */
  private void openAndLeave() throws IOException {
    assertTrue(open().isThere());
  }

  @Test
  void close_closesOnce() throws IOException {
    Remote remote = open();
    System.gc();
    assertTrue(remote.isThere(), "it is open as long as somebody has it");
    remote.close();
    remote.close();
    assertEquals(1, closings.get());
  }
}
