package io.revfs.remote.parts;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongConsumer;
import java.util.function.Predicate;

/** Sends the parts of a file, several at once, the first ones first. */
public final class PartQueue {
  private PartQueue() {}

  /** Sends one part. */
  @FunctionalInterface
  public interface Sender {
    void send(FilePart part) throws IOException;
  }

  /**
   * Sends the parts that are not there; after a failure no further part is begun, and the first
   * failure is thrown.
   *
   * @param isThere whether the store has a part already
   * @param sent is told the bytes that the store has, parts already there among them
   */
  public static void run(
      List<FilePart> parts,
      Predicate<FilePart> isThere,
      int atOnce,
      LongConsumer sent,
      Sender sender)
      throws IOException {
    AtomicLong total = new AtomicLong();
    List<FilePart> missing = new ArrayList<>();
    for (FilePart part : parts) {
      if (isThere.test(part)) {
        total.addAndGet(part.length());
      } else {
        missing.add(part);
      }
    }
    sent.accept(total.get());
    Iterator<FilePart> left = missing.iterator();
    AtomicBoolean failed = new AtomicBoolean();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<Boolean>> lanes = new ArrayList<>();
      for (int i = 0; i < Math.min(atOnce, missing.size()); i++) {
        lanes.add(threads.submit(() -> lane(left, failed, total, sent, sender)));
      }
      await(lanes, failed);
    }
  }

  private static boolean lane(
      Iterator<FilePart> left,
      AtomicBoolean failed,
      AtomicLong total,
      LongConsumer sent,
      Sender sender)
      throws IOException {
    while (!failed.get()) {
      FilePart part;
      synchronized (left) {
        if (!left.hasNext()) {
          return true;
        }
        part = left.next();
      }
      try {
        sender.send(part);
      } catch (IOException | RuntimeException e) {
        failed.set(true);
        throw e;
      }
      sent.accept(total.addAndGet(part.length()));
    }
    return false;
  }

  private static void await(List<Future<Boolean>> lanes, AtomicBoolean failed) throws IOException {
    IOException first = null;
    for (Future<Boolean> lane : lanes) {
      try {
        lane.get();
      } catch (ExecutionException e) {
        IOException failure =
            e.getCause() instanceof IOException io ? io : new IOException(e.getCause());
        if (first == null) {
          first = failure;
        } else if (first != failure) {
          first.addSuppressed(failure);
        }
      } catch (InterruptedException e) {
        failed.set(true);
        lanes.forEach(other -> other.cancel(true));
        Thread.currentThread().interrupt();
        throw new InterruptedIOException("interrupted while a file was uploaded");
      }
    }
    if (first != null) {
      throw first;
    }
  }
}
