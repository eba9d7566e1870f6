package io.revfs.fuse.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.revfs.fuse.device.FuseDevice;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

class NotifierTest {
  private static final int NO_DESCRIPTOR = -1;

  private record Notification(String name, Runnable send) {}

  private static List<Notification> all() {
    Notifier notifier =
        new Notifier(FuseDevice.inherited(List.of(NO_DESCRIPTOR)), Path.of("/nowhere"));
    return List.of(
        new Notification("entry", () -> notifier.entry(1, "name")),
        new Notification("attributes", () -> notifier.attributes(1)),
        new Notification("inode", () -> notifier.inode(1)));
  }

  /** Returns what it throws on a thread that {@code threads} makes. */
  private static Optional<Throwable> on(Function<Runnable, Thread> threads, Runnable what) {
    CompletableFuture<Optional<Throwable>> thrown = new CompletableFuture<>();
    threads
        .apply(
            () -> {
              try {
                what.run();
                thrown.complete(Optional.empty());
              } catch (RuntimeException e) {
                thrown.complete(Optional.of(e));
              }
            })
        .start();
    return thrown.join();
  }

  @TestFactory
  Stream<DynamicTest> threadsThatServe_cannotNotify() {
    return all().stream()
        .map(
            one ->
                DynamicTest.dynamicTest(
                    one.name(),
                    () ->
                        assertInstanceOf(
                            IllegalStateException.class,
                            on(work -> new Notifier.ServingThread("serving", work), one.send())
                                .orElseThrow())));
  }

  @TestFactory
  Stream<DynamicTest> otherThreads_can() {
    return all().stream()
        .map(
            one ->
                DynamicTest.dynamicTest(
                    one.name(),
                    () -> {
                      assertEquals(Optional.empty(), on(Thread::new, one.send()));
                      assertEquals(Optional.empty(), on(Thread.ofVirtual()::unstarted, one.send()));
                    }));
  }

  @Test
  void whatWasNotSaidWhileTheMountWasTakenAway_isSaidIfItStays() {
    Notifier notifier =
        new Notifier(FuseDevice.inherited(List.of(NO_DESCRIPTOR)), Path.of("/nowhere"));
    notifier.hold();
    assertFalse(notifier.attributes(7));
    notifier.entry(1, "name");
    notifier.inode(8);
    assertEquals(3, notifier.unsaid());
    notifier.release();
    assertEquals(0, notifier.unsaid());
    assertTrue(notifier.attributes(7));
  }

  @Test
  void onceTheMountIsGone_nothingIsSaid_norKept() {
    Notifier notifier =
        new Notifier(FuseDevice.inherited(List.of(NO_DESCRIPTOR)), Path.of("/nowhere"));
    notifier.hold();
    notifier.inode(8);
    notifier.end();
    notifier.release();
    assertFalse(notifier.attributes(7));
    assertEquals(0, notifier.unsaid());
  }
}
