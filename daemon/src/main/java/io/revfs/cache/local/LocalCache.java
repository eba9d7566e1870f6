package io.revfs.cache.local;

import io.revfs.cache.Cache;
import io.revfs.cache.CacheSettings;
import io.revfs.fuse.FuseException;
import io.revfs.fuse.OpenFile;
import io.revfs.fuse.RequestContext;
import io.revfs.object.ObjectKey;
import io.revfs.object.ObjectMissingException;
import io.revfs.object.ObjectSource;
import io.revfs.object.Origins;
import io.revfs.object.SourceUnreachableException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.LongConsumer;
import java.util.stream.StreamSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The cache in a directory. Combines the index ({@link ObjectTable}), the files ({@link
 * ObjectFiles}), what is being filled ({@link FillingObject}), opening ({@link Opener}) and
 * eviction ({@link Evictor}).
 */
public final class LocalCache implements Cache, FillingObject.Fill {
  private static final Logger log = LoggerFactory.getLogger(LocalCache.class);
  private static final long CLOSE_SECONDS = 5;
  private static final int FETCH_BUFFER_BYTES = 256 << 10;

  private final CacheSettings settings;
  private final InstantSource clock;
  private final CacheDirectory directory;
  private final ObjectFiles files;
  private final ObjectTable table;
  private final PinFile pinFile;
  private final CacheStatistics statistics = new CacheStatistics();
  private final Evictor evictor;
  private final Semaphore places;
  private final ExecutorService workers = Executors.newVirtualThreadPerTaskExecutor();
  private final LastUses uses;
  private final StorageHealth health;
  private final Opener opener;
  private final LostFiles lostFiles;
  private final ConcurrentHashMap<ObjectKey, Long> sizesAsked = new ConcurrentHashMap<>();
  private final ConcurrentHashMap<ObjectKey, Object> sizeLocks = new ConcurrentHashMap<>();
  private volatile long imageBytes;

  private LocalCache(CacheSettings settings, CacheDirectory directory, InstantSource clock)
      throws IOException {
    this.settings = settings;
    this.clock = clock;
    this.directory = directory;
    this.files = directory.files();
    this.table = new ObjectTable(directory.index());
    this.pinFile = PinFile.in(directory.root());
    this.places = new Semaphore(settings.fetches(), true);
    this.uses = new LastUses(table, clock, workers);
    this.health = new StorageHealth(clock);
    this.opener = new Opener(settings, clock, files, table, statistics, uses, health, this);
    this.evictor = new Evictor(table, files, statistics, uses, this::mayEvict, opener::ifUnused);
    restorePins();
    this.lostFiles = new LostFiles(files, table, evictor::alone, this::makeRoom);
    lostFiles.findIfLost(); // after the pins: what it finds may be evicted
  }

  /**
   * Opens the cache; walks nothing, but where the index was lost, in the background.
   *
   * @throws IOException if another process has it, naming which
   */
  public static LocalCache open(CacheSettings settings) throws IOException {
    return open(settings, InstantSource.system());
  }

  static LocalCache open(CacheSettings settings, InstantSource clock) throws IOException {
    return new LocalCache(settings, CacheDirectory.open(settings.directory()), clock);
  }

  private void restorePins() throws IOException {
    List<ObjectTable.Pin> pins = pinFile.read();
    if (table.pinCount() != pins.size()) {
      pins.forEach(pin -> table.pin(pin.key(), pin.owner()));
    }
    pinFile.rewrite(pins);
  }

  @Override
  public long sizeIfKnown(ObjectKey key) {
    Long asked = sizesAsked.get(key);
    return asked != null ? asked : table.size(key);
  }

  @Override
  public long size(ObjectKey key, Origins origins) throws IOException {
    long known = sizeIfKnown(key);
    if (known >= 0) {
      return known;
    }
    Object lock = sizeLocks.computeIfAbsent(key, k -> new Object());
    try {
      synchronized (lock) {
        known = sizeIfKnown(key);
        if (known < 0) {
          known = askSize(key, origins);
          rememberSizes(List.of(new KnownSize(key, known)));
        }
        return known;
      }
    } finally {
      sizeLocks.remove(key, lock);
    }
  }

  private long askSize(ObjectKey key, Origins origins) throws IOException {
    try {
      return Files.size(files.complete(key));
    } catch (NoSuchFileException e) {
      // Then the origins.
    }
    IOException failure = null;
    for (ObjectSource source : origins.sources()) {
      try {
        return source.size(key);
      } catch (ObjectMissingException e) {
        failure = failure == null ? e : failure;
      } catch (SourceUnreachableException e) {
        failure = e;
      }
    }
    if (failure == null || failure instanceof ObjectMissingException) {
      statistics.missing.add(key, origins.names());
      throw new ObjectMissingException(key, origins.names());
    }
    throw failure;
  }

  @Override
  public void rememberSizes(Iterable<KnownSize> sizes) {
    table.rememberSizes(StreamSupport.stream(sizes.spliterator(), false).toList());
  }

  @Override
  public OpenFile open(ObjectKey key, long size, Origins origins) throws IOException {
    return opener.open(key, size, origins);
  }

  @Override
  public void closed(ObjectKey key, FillingObject object) {
    opener.closed(key, object);
  }

  private boolean mayEvict(ObjectKey key) {
    return !table.isPinned(key);
  }

  // What filling objects need.

  @Override
  public void run(Runnable task) {
    try {
      workers.execute(task);
    } catch (RejectedExecutionException e) {
      log.debug("the cache is closing; a fetch is left out");
    }
  }

  @Override
  public FetchPlace acquire() throws InterruptedException {
    places.acquire();
    statistics.bufferBytes.add(FETCH_BUFFER_BYTES);
    return () -> {
      statistics.bufferBytes.add(-FETCH_BUFFER_BYTES);
      places.release();
    };
  }

  @Override
  public void persist(ObjectKey key, BitSet present, long bytes, long size) {
    table.storePartial(key, present, bytes, size, clock.millis());
    makeRoom();
  }

  @Override
  public void published(ObjectKey key, long size, Path file) throws IOException {
    files.publish(file, key);
    statistics.missing.found(key);
    statistics.completedObjects.increment();
    table.storeComplete(key, size, clock.millis());
    health.works();
    makeRoom();
  }

  private void makeRoom() {
    long room = Math.max(0, settings.quotaBytes() - imageBytes);
    if (table.totals().usedBytes() > room) {
      run(() -> evictor.evict(room - room / 20, false));
    }
  }

  @Override
  public void storageFailed(IOException e) {
    if (health.fails()) {
      log.error("the cache cannot be written ({}); reads go on without it", e.getMessage());
      workers.execute(() -> evictor.evict(table.totals().usedBytes() / 2, false));
    }
  }

  @Override
  public CacheStatistics statistics() {
    return statistics;
  }

  @Override
  public int chunkBytes() {
    return settings.chunkBytes();
  }

  // Whole objects.

  @Override
  public byte[] readWhole(ObjectKey key, Origins origins, int limit) throws IOException {
    long size = size(key, origins);
    if (size > limit) {
      throw new IOException("%s has %d bytes; at most %d are expected".formatted(key, size, limit));
    }
    if (size <= settings.quotaBytes() && !health.isBroken()) {
      fetch(key, origins, n -> {});
    }
    ByteBuffer bytes = ByteBuffer.allocate((int) size);
    try (OpenFile file = open(key, size, origins)) {
      while (bytes.hasRemaining()) {
        if (file.read(RequestContext.INTERNAL, bytes, bytes.position()) <= 0) {
          throw new IOException(key + " ends early");
        }
      }
    } catch (FuseException e) {
      throw e.getCause() instanceof IOException io ? io : new IOException(e.getMessage(), e);
    }
    return bytes.array();
  }

  @Override
  public void fetch(ObjectKey key, Origins origins, LongConsumer progress) throws IOException {
    long size = size(key, origins);
    fetch(opener.openNow(key, size, origins), size, progress);
  }

  @Override
  public void bringIn(ObjectKey key, Origins origins, LongConsumer progress) throws IOException {
    long size = size(key, origins);
    fetch(opener.openOwn(key, size, origins), size, progress);
  }

  private void fetch(OpenFile opened, long size, LongConsumer progress) throws IOException {
    try (OpenFile file = opened) {
      FillingObject object = Opener.fillingOf(file);
      if (object == null) {
        progress.accept(size);
        return;
      }
      long before = object.presentBytes();
      progress.accept(before);
      int step = Math.max(1, FillingFile.READ_AHEAD_BYTES / settings.chunkBytes());
      int chunks = object.chunkCount();
      for (int chunk = 0; chunk < chunks; chunk += step) {
        object.await(
            (long) chunk * settings.chunkBytes(),
            (int)
                Math.min(
                    (long) step * settings.chunkBytes(),
                    size - (long) chunk * settings.chunkBytes()));
        long now = object.presentBytes();
        progress.accept(Math.max(0, now - before));
        before = Math.max(before, now);
      }
      object.awaitComplete();
    }
  }

  @Override
  public void begin(ObjectKey key, long size, Origins origins) {
    run(
        () -> {
          try {
            opener.begin(key, size, origins);
          } catch (IOException e) {
            log.debug("{}: {}", key, e.getMessage()); // whoever reads it will be told
          }
        });
  }

  @Override
  public void countImages(long bytes) {
    imageBytes = bytes;
    makeRoom();
  }

  @Override
  public Changes changes() {
    return new Changes(statistics.completedObjects.sum(), statistics.evictedObjects.sum());
  }

  @Override
  public Presence presence(ObjectKey key) {
    Optional<ObjectTable.Stored> stored = table.stored(key);
    FillingObject object = opener.filling(key);
    if (object != null && (stored.isEmpty() || !stored.get().complete())) {
      return new Presence(object.size(), object.presentBytes(), false);
    }
    long size = sizeIfKnown(key);
    if (stored.isEmpty()) {
      boolean there = Files.exists(files.complete(key));
      return new Presence(size, there ? Math.max(0, size) : 0, there);
    }
    boolean whole = stored.get().state() != ObjectTable.State.PARTIAL;
    long bytes = stored.get().bytes();
    return new Presence(whole && size < 0 ? bytes : size, bytes, whole);
  }

  @Override
  public void pin(ObjectKey key, String owner) throws IOException {
    pinFile.append('+', new ObjectTable.Pin(key, owner));
    table.pin(key, owner);
  }

  @Override
  public void unpin(ObjectKey key, String owner) throws IOException {
    pinFile.append('-', new ObjectTable.Pin(key, owner));
    table.unpin(key, owner);
  }

  @Override
  public int unpinAll(String owner) throws IOException {
    int taken = 0;
    for (ObjectTable.Pin pin : table.pins()) {
      if (pin.owner().equals(owner)) {
        unpin(pin.key(), owner);
        taken++;
      }
    }
    return taken;
  }

  @Override
  public CacheStatus status() {
    ObjectTable.Totals totals = table.totals();
    long indexBytes;
    try {
      indexBytes = directory.index().fileBytes();
    } catch (IOException e) {
      indexBytes = -1;
    }
    return new CacheStatus(
        settings.directory().toString(),
        settings.quotaBytes(),
        totals.usedBytes(),
        imageBytes,
        totals.complete(),
        totals.partial(),
        table.pinCount(),
        statistics.fetchedBytes.sum(),
        statistics.hitReads.sum(),
        statistics.missReads.sum(),
        statistics.fetches.sum(),
        statistics.corruptObjects.sum(),
        statistics.missing.times(),
        statistics.missing.list(),
        statistics.evictedBytes.sum(),
        indexBytes,
        statistics.bufferBytes.sum(),
        (long) settings.fetches() * FETCH_BUFFER_BYTES);
  }

  @Override
  public EvictionResult evict(long targetBytes, boolean dryRun) {
    uses.flush();
    return evictor.evict(targetBytes, dryRun);
  }

  @Override
  public FsckResult fsck(LongConsumer progress) throws IOException {
    long[] n = new long[5];
    files.walk(
        (file, attributes) -> {
          long size = attributes.size();
          Optional<ObjectKey> key = files.keyOf(file);
          if (key.isEmpty()) {
            n[3]++;
            return;
          }
          n[0]++;
          n[1] += size;
          boolean right;
          try (FileChannel channel = ObjectFiles.openRead(file)) {
            right = ObjectFiles.matches(channel, key.get(), progress);
          } catch (NoSuchFileException e) {
            return; // evicted meanwhile
          }
          if (!right) {
            n[2]++;
            opener.drop(key.get());
          } else if (table.stored(key.get()).filter(ObjectTable.Stored::complete).isEmpty()) {
            table.storeComplete(key.get(), size, clock.millis());
            n[4]++;
          }
        });
    return new FsckResult(n[0], n[1], n[2], n[3], n[4]);
  }

  @Override
  public void close() {
    lostFiles.close();
    workers.shutdownNow();
    try {
      if (!workers.awaitTermination(CLOSE_SECONDS, TimeUnit.SECONDS)) {
        log.info("fetches that do not end are left behind");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    try {
      uses.flush();
      directory.close();
    } catch (IOException e) {
      log.error("closing the cache: {}", e.getMessage());
    }
  }
}
