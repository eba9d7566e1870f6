package io.revfs.trace.recording;

import io.revfs.object.Digest;
import java.io.Closeable;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentNavigableMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Hashes what a run read. Not at once, since a short run is not to share its processors with that:
 * when the bytes are about to change, after a while, or at the end, whichever is first.
 * Thread-safe.
 */
final class Hashing implements Closeable {
  private static final Logger log = LoggerFactory.getLogger(Hashing.class);
  private static final int THREADS = 2;
  private static final Duration AFTER = Duration.ofSeconds(2);

  private final ConcurrentNavigableMap<String, Task> waiting = new ConcurrentSkipListMap<>();
  private final ExecutorService hashers =
      Executors.newFixedThreadPool(THREADS, Thread.ofPlatform().daemon().name("trace").factory());
  private final ScheduledExecutorService clock =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("trace-clock").factory());

  /** Files that were other ones when they were hashed than when they were read. */
  private final Set<String> changed = ConcurrentHashMap.newKeySet();

  private final BiConsumer<String, Optional<Digest>> done;
  private final Consumer<String> otherwise;

  /**
   * @param done is told of what {@link #later} has hashed before anybody is
   * @param otherwise is told of files that others changed before they could be hashed
   */
  Hashing(BiConsumer<String, Optional<Digest>> done, Consumer<String> otherwise) {
    this.done = done;
    this.otherwise = otherwise;
    var unused =
        clock.scheduleWithFixedDelay(
            this::startOld, AFTER.toMillis(), AFTER.toMillis() / 2, TimeUnit.MILLISECONDS);
  }

  /** Why a file is hashed: it was read, or left, or is outside of what is recorded in full. */
  private enum Purpose {
    READ,
    LEFT,
    OUTSIDE
  }

  /** One file to be hashed. */
  private final class Task implements Runnable {
    final CompletableFuture<Optional<Digest>> digest = new CompletableFuture<>();
    private final AtomicBoolean started = new AtomicBoolean();
    private final long since = System.nanoTime();
    private final String key;
    private final TracedFiles files;
    private final String path;
    private final long stamp;
    private final Purpose purpose;

    Task(Purpose purpose, String key, TracedFiles files, String path) {
      this.purpose = purpose;
      this.key = key;
      this.files = files;
      this.path = path;
      this.stamp = files.stamp(path);
    }

    void start() {
      if (started.compareAndSet(false, true)) {
        try {
          hashers.execute(this);
        } catch (RejectedExecutionException e) {
          digest.complete(Optional.empty()); // it is closed: nobody is to wait for ever
        }
      }
    }

    @Override
    public void run() {
      Optional<Digest> found = Optional.empty();
      try {
        found = files.digest(path);
        if (files.stamp(path) != stamp) {
          found = Optional.empty();
          isAnother();
        } else if (purpose == Purpose.READ) {
          done.accept(key, found);
        }
      } catch (IOException | RuntimeException e) {
        log.debug("{} has no digest", key, e);
        if (purpose == Purpose.READ) {
          done.accept(key, Optional.empty());
        }
      } finally {
        waiting.remove(key, this);
        digest.complete(found);
      }
    }

    private void isAnother() {
      if (purpose != Purpose.OUTSIDE) {
        changed.add(key);
      }
      if (purpose == Purpose.READ) {
        otherwise.accept(key);
      }
    }
  }

  private void startOld() {
    long now = System.nanoTime();
    for (Task task : waiting.values()) {
      if (now - task.since >= AFTER.toNanos()) {
        task.start();
      }
    }
  }

  /**
   * Returns the digest of a file as it is now, sooner or later.
   *
   * @param key by which {@link #before} names it
   */
  CompletableFuture<Optional<Digest>> later(String key, TracedFiles files, String path) {
    // Two processes may read a file for the first time at once. What waits is of the same bytes,
    // since nothing changes them before it is done.
    Task task = new Task(Purpose.READ, key, files, path);
    Task other = waiting.putIfAbsent(key, task);
    return other == null ? task.digest : other.digest;
  }

  /** Returns the digest of a file as it is now, begun at once. */
  CompletableFuture<Optional<Digest>> now(TracedFiles files, String path) {
    return now(Purpose.LEFT, files, path);
  }

  /** As {@link #now}, of a file that anybody may change. */
  CompletableFuture<Optional<Digest>> outside(TracedFiles files, String path) {
    return now(Purpose.OUTSIDE, files, path);
  }

  private CompletableFuture<Optional<Digest>> now(Purpose purpose, TracedFiles files, String path) {
    Task task = new Task(purpose, path, files, path);
    task.start();
    return task.digest;
  }

  /** Begins what waits at a key and below it; returns what is not done. */
  List<CompletableFuture<Optional<Digest>>> before(String key) {
    List<CompletableFuture<Optional<Digest>>> begun = new ArrayList<>();
    Task own = waiting.get(key);
    if (own != null) {
      own.start();
      begun.add(own.digest);
    }
    String below = key + "/";
    for (Map.Entry<String, Task> each : waiting.tailMap(below).entrySet()) {
      if (!each.getKey().startsWith(below)) {
        break;
      }
      each.getValue().start();
      begun.add(each.getValue().digest);
    }
    return begun;
  }

  /** Returns files that somebody else changed before they could be hashed. */
  Set<String> changed() {
    return Set.copyOf(changed);
  }

  /** Others changed a file, as another process found. */
  void changedByOthers(String key) {
    changed.add(key);
  }

  /** Begins all that waits. */
  void startAll() {
    waiting.values().forEach(Task::start);
  }

  @Override
  public void close() {
    clock.shutdownNow();
    List<Runnable> never = hashers.shutdownNow();
    for (Runnable each : never) {
      if (each instanceof Task task) {
        task.digest.complete(Optional.empty());
      }
    }
    waiting.values().forEach(Task::start); // which gives up now
  }
}
