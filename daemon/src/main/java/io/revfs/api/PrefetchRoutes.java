package io.revfs.api;

import io.revfs.browse.Places;
import io.revfs.cache.Cache;
import io.revfs.mount.MountManager;
import io.revfs.object.ObjectKey;
import io.revfs.seal.Sealer;
import io.revfs.snapshot.Entry;
import io.revfs.snapshot.FileContents;
import io.revfs.snapshot.TreeWalk;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicLong;

/** Fetching ahead of need, and keeping what was fetched. */
final class PrefetchRoutes {
  private static final int AT_ONCE = 16;
  private static final long EVENT_NANOSECONDS = 200_000_000;
  private static final int MOST_FAILURES_TOLD = 100;

  private final Places places;
  private final MountManager mounts;
  private final Cache cache;
  private final FileContents contents;

  PrefetchRoutes(Places places, MountManager mounts, Cache cache) {
    this.places = places;
    this.mounts = mounts;
    this.cache = cache;
    this.contents = new FileContents(cache);
  }

  List<Route> routes() {
    return List.of(
        new Route(
            "POST",
            "/v1/prefetch",
            "Fetch what is below a path; progress as lines of JSON",
            List.of("repository", "path", "rev"),
            exchange -> fetch(exchange, false)),
        new Route(
            "POST",
            "/v1/pins",
            "Fetch what is below a path and keep it from eviction; progress as lines of JSON",
            List.of("repository", "path", "rev"),
            exchange -> fetch(exchange, true)),
        new Route(
            "DELETE",
            "/v1/pins",
            "Let go what was pinned",
            List.of("repository", "path", "rev"),
            this::unpin));
  }

  private static String owner(Places.Place place) {
    return place.repository().location() + "@" + place.snapshot().commit() + ":" + place.path();
  }

  private interface FileVisitor {
    void visit(String path, Entry entry) throws IOException;
  }

  private static void files(
      Places.Place place, FileVisitor visitor, TreeWalk.FailureVisitor unreadable)
      throws IOException {
    if (place.entry().directory().isEmpty()) {
      visitor.visit(place.path(), place.entry());
      return;
    }
    TreeWalk.readableFiles(place.entry().directory().get(), visitor::visit, unreadable);
  }

  /**
   * Returns what is to be fetched of an entry. Git has its blobs, so they need no fetching, but
   * where the kernel serves commits alone it finds the large ones in the cache only.
   */
  private Optional<ObjectKey> object(Entry entry, boolean sealed) throws IOException {
    return entry.tracking() != Entry.Tracking.GIT
            || (sealed && Sealer.isObject(entry, contents.sizeIfKnown(entry)))
        ? entry.key()
        : Optional.empty();
  }

  private void fetch(Exchange exchange, boolean pin) throws IOException {
    Places.Place place =
        places.of(
            exchange.required("repository"),
            exchange.optional("rev"),
            exchange.optional("path").orElse(""));
    boolean sealed = mounts.seals(place.repository());
    Progress progress = new Progress(exchange);
    files(
        place,
        (path, entry) -> {
          if (object(entry, sealed).isPresent()) {
            progress.files++;
            progress.bytes += Math.max(0, contents.sizeIfKnown(entry));
          } else if (entry.problem().isPresent()) {
            progress.failed(path, new IOException(entry.problem().get()));
          }
        },
        progress::failed);
    long before = cache.status().fetchedBytes();
    Semaphore places = new Semaphore(AT_ONCE);
    try {
      files(
          place,
          (path, entry) -> {
            Optional<ObjectKey> key = object(entry, sealed);
            if (key.isEmpty()) {
              return;
            }
            Job job = new Job(place, path, entry, key.get(), pin, sealed);
            places.acquireUninterruptibly();
            Thread.ofVirtual()
                .start(
                    () -> {
                      try {
                        fetch(job, progress);
                      } finally {
                        places.release();
                      }
                    });
            progress.tell(path);
          },
          (path, failure) -> {}); // told the first time
    } finally {
      // Also when the client is gone: no fetch outlives the request.
      while (!tryAll(places)) {
        progress.tellQuietly();
      }
    }
    if (sealed) {
      mounts.lookAnew(); // what is here now is opened natively
    }
    progress.end(cache.status().fetchedBytes() - before);
  }

  private static boolean tryAll(Semaphore places) {
    try {
      return places.tryAcquire(
          AT_ONCE, EVENT_NANOSECONDS, java.util.concurrent.TimeUnit.NANOSECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return true;
    }
  }

  /**
   * One file to be fetched.
   *
   * @param own whether it has to lie in our cache, also if it is in a DVC cache in place
   */
  private record Job(
      Places.Place place, String path, Entry entry, ObjectKey key, boolean pin, boolean own) {}

  private void fetch(Job job, Progress progress) {
    if (progress.gone) {
      return;
    }
    Entry entry = job.entry();
    try {
      if (job.pin()) {
        cache.pin(job.key(), owner(job.place())); // before it is there: it must not go in between
      }
      long known = contents.sizeIfKnown(entry);
      if (job.own()) {
        cache.bringIn(job.key(), entry.origins(), progress.bytesDone::addAndGet);
      } else {
        cache.fetch(job.key(), entry.origins(), progress.bytesDone::addAndGet);
      }
      if (known < 0) {
        progress.lateBytes.addAndGet(Math.max(0, contents.sizeIfKnown(entry)));
      }
    } catch (IOException | RuntimeException e) {
      progress.failed(job.path(), e);
    }
    progress.filesDone.incrementAndGet();
  }

  /** How far a prefetch is. */
  private static final class Progress {
    private final Exchange.Body body;
    private long files;
    private long bytes;
    private final AtomicLong lateBytes = new AtomicLong();
    private final AtomicLong filesDone = new AtomicLong();
    private final AtomicLong bytesDone = new AtomicLong();
    private final AtomicLong failures = new AtomicLong();
    private final List<Map<String, String>> failed = new ArrayList<>();
    private volatile String current = "";
    private long told = System.nanoTime();
    private volatile boolean gone;

    Progress(Exchange exchange) throws IOException {
      this.body = exchange.stream("application/x-ndjson");
    }

    void failed(String path, Exception e) {
      failures.incrementAndGet();
      synchronized (failed) {
        if (failed.size() < MOST_FAILURES_TOLD) {
          failed.add(Map.of("path", path, "error", String.valueOf(e.getMessage())));
        }
      }
    }

    void tell(String path) throws IOException {
      current = path;
      if (System.nanoTime() - told < EVENT_NANOSECONDS) {
        return;
      }
      told = System.nanoTime();
      try {
        body.event(
            Map.of(
                "files",
                files,
                "filesDone",
                filesDone.get(),
                "bytes",
                bytes + lateBytes.get(),
                "bytesDone",
                bytesDone.get(),
                "failed",
                failures.get(),
                "current",
                current));
      } catch (IOException e) {
        gone = true;
        throw e;
      }
    }

    void tellQuietly() {
      try {
        tell(current);
      } catch (IOException e) {
        gone = true;
      }
    }

    void end(long fetched) throws IOException {
      body.event(
          Map.of(
              "done",
              true,
              "files",
              files,
              "bytes",
              bytes + lateBytes.get(),
              "fetchedBytes",
              fetched,
              "failures",
              failures.get(),
              "failed",
              failed));
      body.end();
    }
  }

  private void unpin(Exchange exchange) throws IOException {
    Places.Place place =
        places.of(
            exchange.required("repository"),
            exchange.optional("rev"),
            exchange.optional("path").orElse(""));
    exchange.json(Map.of("unpinned", cache.unpinAll(owner(place))));
  }
}
