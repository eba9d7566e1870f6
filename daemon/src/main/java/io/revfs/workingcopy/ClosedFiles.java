package io.revfs.workingcopy;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.revfs.fuse.FuseException;
import io.revfs.fuse.local.LocalTree;
import io.revfs.posix.Niceness;
import io.revfs.workspace.TreeReader;
import java.io.Closeable;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Hashes what was written to outputs once nobody has it open for writing and it has rested, so that
 * who records it next need not read it. One thread that gives way to all others; what does not fit
 * into its list is hashed when it is recorded. Thread-safe.
 */
final class ClosedFiles implements Closeable {
  private static final Logger log = LoggerFactory.getLogger(ClosedFiles.class);
  private static final int MOST = 200_000;
  private static final int GIVE_UP_SECONDS = 5;

  private final LocalTree below;
  private final Path root;
  private final TreeReader reader;
  private final Wanted wanted;
  private final Duration rest;
  private final Thread thread;

  /** When nodes were closed, {@link System#nanoTime}; those closed last come last. */
  @GuardedBy("this")
  private final Map<Long, Long> closed = new LinkedHashMap<>();

  @GuardedBy("this")
  private boolean ended;

  /** Says which files are worth it. */
  @FunctionalInterface
  interface Wanted {
    boolean is(List<String> path) throws IOException;
  }

  /**
   * @param root where the working copy is reached past its mount
   * @param reader remembers what it read
   * @param rest how long a file is to have been closed
   */
  ClosedFiles(LocalTree below, Path root, TreeReader reader, Wanted wanted, Duration rest) {
    this.below = below;
    this.root = root;
    this.rest = rest;
    this.reader = reader;
    this.wanted = wanted;
    this.thread = Thread.ofPlatform().daemon().name("hash-closed").unstarted(this::run);
  }

  /** Begins to listen. */
  void begin() {
    thread.start();
    below.onWritten(this::closed);
  }

  private synchronized void closed(long node) {
    closed.remove(node); // so that it comes last
    if (closed.size() < MOST && !ended) {
      if (closed.isEmpty()) {
        notifyAll(); // else it wakes by itself: to wake it for each file would hold up who writes
      }
      closed.put(node, System.nanoTime());
    }
  }

  private void run() {
    int unused = Niceness.least();
    try {
      while (true) {
        hash(next());
      }
    } catch (InterruptedException e) {
      log.debug("no more files are hashed");
    }
  }

  private synchronized long next() throws InterruptedException {
    while (true) {
      Iterator<Map.Entry<Long, Long>> first = closed.entrySet().iterator();
      if (!first.hasNext()) {
        wait();
        continue;
      }
      Map.Entry<Long, Long> oldest = first.next();
      long left = oldest.getValue() + rest.toNanos() - System.nanoTime();
      if (left <= 0) {
        long node = oldest.getKey();
        first.remove();
        return node;
      }
      wait(left / 1_000_000 + 1);
    }
  }

  private void hash(long node) throws InterruptedException {
    try {
      List<String> path = below.path(node);
      Path file = root.resolve(String.join("/", path));
      if (below.isWritten(node)
          || !wanted.is(path)
          || !Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
        return; // who writes now closes it later
      }
      var unused = reader.telling((files, bytes) -> stopIfWritten(node)).read(file);
    } catch (InterruptedIOException e) {
      boolean stopped = Thread.interrupted();
      if (isEnded()) {
        throw new InterruptedException();
      }
      log.debug("node {} is written again: {}", node, stopped);
    } catch (FuseException | IOException | RuntimeException e) {
      log.debug("node {} is not hashed: {}", node, e.toString()); // it went, or changes
    }
  }

  private synchronized boolean isEnded() {
    return ended;
  }

  /** What is read of a file that changes is of no use. */
  private void stopIfWritten(long node) {
    if (below.isWritten(node)) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    below.onWritten(node -> {});
    synchronized (this) {
      ended = true;
      closed.clear();
    }
    thread.interrupt();
    boolean interrupted = Thread.interrupted();
    try {
      // One that nobody serves has not begun.
      boolean unused =
          thread.getState() == Thread.State.NEW || thread.join(Duration.ofSeconds(GIVE_UP_SECONDS));
    } catch (InterruptedException e) {
      interrupted = true;
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
