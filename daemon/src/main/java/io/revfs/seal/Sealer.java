package io.revfs.seal;

import io.revfs.cache.Cache;
import io.revfs.config.SealMode;
import io.revfs.config.SealSettings;
import io.revfs.fuse.FuseSession;
import io.revfs.fuse.MountTable;
import io.revfs.fuse.overlay.ImageOverlay;
import io.revfs.repository.DataRepository;
import io.revfs.snapshot.Entry;
import io.revfs.snapshot.Snapshot;
import io.revfs.tree.RevisionTree;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Seals commits: when one is entered its image is made in the background and mounted, with the
 * cache and the object layer below it, over the commit's directory. Sees that it stays so, that the
 * kernel looks anew for bytes when many came or went, and that commits that nobody uses are
 * unsealed. Thread-safe.
 *
 * <p>Two threads of the platform's own, because what they call waits in the kernel for requests
 * that virtual threads may have to answer.
 */
public final class Sealer implements Closeable {
  private static final Logger log = LoggerFactory.getLogger(Sealer.class);
  private static final long TICK_MILLISECONDS = 1000;
  private static final long RETRY_NANOS = TimeUnit.MINUTES.toNanos(1);
  private static final long CLOSE_SECONDS = 5;

  /** So long without use, and one of too many commits is unsealed. */
  private static final long UNUSED_NANOS = TimeUnit.SECONDS.toNanos(5);

  /** Bytes of images that are kept though nobody uses them, as a part of the cache's quota. */
  private static final int QUOTA_PART = 20;

  private final SealSettings settings;
  private final Optional<String> ofThisProcess;
  private final Path cacheDirectory;
  private final Cache cache;
  private final Objects objects;
  private final ObjectLayer layer;
  private final ImageStore images;
  private final SealJournal journal;
  private final ObjectChanges changes;

  /** What the process before this one had sealed, in mounts that are not open here yet. */
  private final List<SealJournal.Line> before;

  private final AtomicBoolean remembering = new AtomicBoolean();
  private final List<SealedMount> mounts = new CopyOnWriteArrayList<>();
  private final ExecutorService builder =
      Executors.newSingleThreadExecutor(Thread.ofPlatform().daemon().name("sealer").factory());
  private final ScheduledExecutorService clock =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("seals").factory());
  private long lastExpiry = System.nanoTime();

  /**
   * @param cacheDirectory where complete objects lie, and images below it
   * @param file remembers what is sealed
   * @param ofThisProcess why this process must not seal; empty if it may
   */
  public Sealer(
      SealSettings settings,
      Cache cache,
      Path cacheDirectory,
      Objects objects,
      ObjectLayer layer,
      Path file,
      Optional<String> ofThisProcess)
      throws IOException {
    this.settings = settings;
    this.ofThisProcess = ofThisProcess;
    this.cache = cache;
    this.cacheDirectory = cacheDirectory;
    this.objects = objects;
    this.layer = layer;
    this.changes = new ObjectChanges(cache, objects);
    this.images = new ImageStore(cacheDirectory.resolve("images"));
    cache.countImages(images.bytes());
    this.journal = new SealJournal(file);
    this.before = new CopyOnWriteArrayList<>(journal.read()); // before this process writes its own
    var unused =
        clock.scheduleWithFixedDelay(
            this::tick, TICK_MILLISECONDS, TICK_MILLISECONDS, TimeUnit.MILLISECONDS);
  }

  /**
   * Begins to seal what is entered of a mount.
   *
   * @param wanted of this mount; empty for what the configuration says
   * @param session that serves it
   * @param resumed whether the process before this one served it
   * @return empty if its commits are not to be sealed, or cannot be
   * @throws IOException saying why not, if they must be
   */
  public Optional<SealedMount> open(
      Optional<SealMode> wanted,
      DataRepository repository,
      RevisionTree tree,
      FuseSession session,
      boolean resumed)
      throws IOException {
    SealMode mode = wanted.orElse(settings.mode());
    if (mode == SealMode.OFF) {
      return Optional.empty();
    }
    Optional<String> obstacle = obstacle(session);
    if (obstacle.isPresent()) {
      if (mode == SealMode.ON) {
        throw new IOException("commits cannot be sealed: " + obstacle.get());
      }
      ofThisProcess.ifPresent(
          why -> log.info("commits at {} are not sealed: {}", session.mountPoint(), why));
      return Optional.empty();
    }
    SealedMount mount = new SealedMount(this, session.mountPoint(), repository, tree, session);
    List<SealJournal.Line> lines =
        before.stream().filter(line -> mount.isAt(line.mountPoint())).toList();
    before.removeAll(lines);
    if (resumed) {
      mount.adopt(lines);
    }
    mounts.add(mount);
    tree.onEntered(mount::entered);
    mount.sealAgain(lines);
    return Optional.of(mount);
  }

  private Optional<String> obstacle(FuseSession session) throws IOException {
    if (ofThisProcess.isPresent()) {
      return ofThisProcess;
    }
    return session.backend().startsWith("kernel")
        ? ImageOverlay.obstacle()
        : Optional.of("the mount is served by libfuse");
  }

  /**
   * Returns whether the bytes of an entry are to be an object of the cache, so that the kernel
   * finds them; small blobs of Git's lie in the image.
   */
  public static boolean isObject(Entry entry, long size) {
    return entry.key().isPresent() && !SnapshotImage.isInline(entry.key().get(), size);
  }

  /** Runs something that takes its time. */
  void later(Runnable work) {
    try {
      builder.execute(work);
    } catch (RejectedExecutionException e) {
      log.debug("the daemon ends; a commit is not sealed");
    }
  }

  /** Takes note of where a commit's objects may come from. */
  void expect(Snapshot snapshot) {
    objects.origins().add(snapshot.origins());
  }

  /** Returns the image of a commit, made if need be. */
  Path image(DataRepository repository, String commit) throws IOException {
    Snapshot snapshot = repository.snapshot(commit);
    expect(snapshot);
    Path image = images.path(repository, snapshot);
    images.make(image, new SnapshotImage(cache, repository, snapshot));
    images.evict(inUse(image), cache.status().quotaBytes() / QUOTA_PART);
    cache.countImages(images.bytes());
    return image;
  }

  private Set<Path> inUse(Path... more) {
    Set<Path> used = new HashSet<>(List.of(more));
    lines().forEach(line -> used.add(Path.of(line.image())));
    return used;
  }

  /**
   * Mounts an image.
   *
   * @return the object layer's identity
   */
  String overlay(Path image, Path place, String source) throws IOException {
    ObjectLayer.Layer rest = layer.mounted();
    ImageOverlay.mount(
        image,
        cacheDirectory,
        rest.mount(),
        place,
        MountTable.over(source, rest.identity().device()));
    return rest.identity().toString();
  }

  /** Removes images that are not in use. */
  public void evictImages() throws IOException {
    images.evict(inUse(), 0);
    cache.countImages(images.bytes());
  }

  /**
   * Makes the kernel look anew for where bytes are, at once: what was just fetched is opened
   * natively from then on.
   */
  public void lookAnew() {
    if (objects.lookups() == 0) {
      return; // the kernel knows of none that was absent
    }
    try {
      clock.submit(() -> mounts.forEach(SealedMount::dropUnused)).get();
    } catch (RejectedExecutionException | ExecutionException e) {
      log.debug("{}", e.toString());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private List<SealJournal.Line> lines() {
    List<SealJournal.Line> lines = new ArrayList<>();
    mounts.forEach(mount -> mount.addLines(lines));
    return lines;
  }

  /** Writes down what is sealed, soon: not in this thread, which may have a mount's lock. */
  void remember() {
    if (remembering.getAndSet(true)) {
      return; // what is to be written is not looked at yet
    }
    try {
      clock.execute(
          () -> {
            remembering.set(false);
            List<SealJournal.Line> all = lines();
            all.addAll(before); // of mounts that are not open yet
            journal.write(all);
          });
    } catch (RejectedExecutionException e) {
      log.debug("the daemon ends");
    }
  }

  /** A mount seals nothing any more; after the last one nothing is left mounted. */
  void closed(SealedMount mount) throws IOException {
    mounts.remove(mount);
    if (mounts.isEmpty()) {
      layer.leave();
    }
  }

  private void tick() {
    try {
      int sealed = mounts.stream().mapToInt(SealedMount::count).sum();
      if (sealed > 0) {
        look(sealed);
      } else {
        for (SealedMount mount : mounts) {
          mount.watchCommits();
        }
      }
    } catch (IOException | RuntimeException e) {
      log.warn("sealed commits cannot be looked after: {}", e.toString());
    }
  }

  private void look(int sealed) throws IOException {
    MountTable table = MountTable.read();
    boolean drop = changes.isDue();
    for (SealedMount mount : mounts) {
      mount.repair(table, layer::serves, RETRY_NANOS);
      mount.watchCommits();
      if (drop) {
        mount.dropUnused();
      }
    }
    expire(sealed);
  }

  private void expire(int sealed) {
    int tooMany = sealed - settings.commits();
    long now = System.nanoTime();
    if (tooMany > 0) {
      if (now - lastExpiry > UNUSED_NANOS) {
        lastExpiry = now;
        for (SealedMount mount : mounts) {
          tooMany -= mount.expire(tooMany);
        }
      }
      return;
    }
    if (!settings.idle().isZero() && now - lastExpiry > settings.idle().toNanos()) {
      lastExpiry = now;
      mounts.forEach(mount -> mount.expire(Integer.MAX_VALUE));
    }
  }

  /** Ends the threads; what is sealed stays so. */
  @Override
  public void close() {
    builder.shutdownNow();
    clock.shutdownNow();
    try {
      if (!builder.awaitTermination(CLOSE_SECONDS, TimeUnit.SECONDS)
          || !clock.awaitTermination(CLOSE_SECONDS, TimeUnit.SECONDS)) {
        log.info("a commit was being sealed");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
