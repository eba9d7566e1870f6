package io.revfs.command.experiment.run;

import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/** Does what must not be cut off half way because the caller has gone. */
final class Uninterrupted {
  private Uninterrupted() {}

  /** What is done. */
  @FunctionalInterface
  interface Action {
    void run() throws IOException;
  }

  /** Does it on another thread and waits for its end; an interrupt meanwhile counts afterwards. */
  static void run(Action action) throws IOException {
    CompletableFuture<Void> done = new CompletableFuture<>();
    Thread.startVirtualThread(
        () -> {
          try {
            action.run();
            done.complete(null);
          } catch (IOException | RuntimeException | Error e) {
            done.completeExceptionally(e);
          }
        });
    boolean interrupted = Thread.interrupted();
    try {
      done.join(); // does not end by an interrupt
    } catch (CompletionException e) {
      switch (e.getCause()) {
        case IOException cause -> throw cause;
        case RuntimeException cause -> throw cause;
        case null, default -> throw new IOException(e);
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
