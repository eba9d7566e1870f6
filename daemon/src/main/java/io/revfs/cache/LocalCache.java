package io.revfs.cache;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.revfs.fuse.Errno;
import io.revfs.fuse.FuseException;
import io.revfs.fuse.OpenFile;
import io.revfs.fuse.RequestContext;
import io.revfs.object.ObjectKey;
import io.revfs.object.ObjectMissingException;
import io.revfs.object.ObjectSource;
import io.revfs.object.SourceUnreachableException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.LongConsumer;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The cache in a directory. Combines the index ({@link ObjectTable}), the files ({@link
 * ObjectFiles}), what is being filled ({@link FillingObject}) and eviction ({@link Evictor}).
 */
public final class LocalCache implements Cache, FillingObject.Fill {
  private static final Logger log = LoggerFactory.getLogger(LocalCache.class);
  private static final long STORAGE_REST_MILLISECONDS = 30_000;
  private static final long CLOSE_SECONDS = 5;
  private static final int MOST_SEEN = 1 << 16; // some 10 MB
  private static final int MOST_UNFLUSHED_USES = 4096;
  private static final int READ_AHEAD_BYTES = 64 << 20;
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
  private final ConcurrentHashMap<ObjectKey, Integer> openCounts = new ConcurrentHashMap<>();
  private final ConcurrentHashMap<ObjectKey, Long> sizesAsked = new ConcurrentHashMap<>();
  private final ConcurrentHashMap<ObjectKey, Object> sizeLocks = new ConcurrentHashMap<>();

  /** Objects that were found complete, with their sizes; the latest. */
  private final Map<ObjectKey, Long> seenComplete =
      java.util.Collections.synchronizedMap(
          new java.util.LinkedHashMap<>(256, 0.75f, true) {
            private static final long serialVersionUID = 1L;

            @Override
            protected boolean removeEldestEntry(Map.Entry<ObjectKey, Long> eldest) {
              return size() > MOST_SEEN;
            }
          });

  /** What somebody has open and is not complete. */
  private final ConcurrentHashMap<ObjectKey, FillingObject> filling = new ConcurrentHashMap<>();

  private final Object usesLock = new Object();

  @GuardedBy("usesLock")
  private Map<ObjectKey, Long> uses = new HashMap<>();

  /** When writing is tried again after it failed, by the clock. */
  private volatile long storageBrokenUntil = Long.MIN_VALUE;

  private LocalCache(CacheSettings settings, CacheDirectory directory, InstantSource clock)
      throws IOException {
    this.settings = settings;
    this.clock = clock;
    this.directory = directory;
    this.files = directory.files();
    this.table = new ObjectTable(directory.index());
    this.pinFile = new PinFile(directory.root().resolve("index").resolve("pins"));
    this.places = new Semaphore(settings.fetches(), true);
    this.evictor = new Evictor(table, files, statistics, this::mayEvict);
    restorePins();
  }

  /**
   * Opens the cache; walks nothing.
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
    Long known = seenComplete.get(key);
    if (known != null && known == size) {
      hold(key);
      used(key);
      return new SeenFile(key, size, origins);
    }
    return openNow(key, size, origins);
  }

  private OpenFile openNow(ObjectKey key, long size, Origins origins) throws IOException {
    Optional<OpenFile> complete = openComplete(key);
    if (complete.isPresent()) {
      return complete.get();
    }
    for (ObjectSource source : origins.sources()) {
      Optional<Path> local = source.localFile(key);
      if (local.isPresent()) {
        FileChannel channel = ObjectFiles.openRead(local.get());
        if (channel.size() == size) {
          return new BackedFile(channel, () -> {});
        }
        channel.close();
      }
    }
    if (isStorageBroken() || size > settings.quotaBytes()) {
      return new UncachedFile(key, size, origins);
    }
    try {
      FillingObject object = share(key, size, origins);
      object.verifyIfWhole(); // a kill may have come between the last chunk and that
      return new FillingFile(key, object);
    } catch (IOException e) {
      storageFailed(e);
      return new UncachedFile(key, size, origins);
    }
  }

  /** Opens a complete object; one that the index does not know is verified first. */
  private Optional<OpenFile> openComplete(ObjectKey key) throws IOException {
    hold(key); // from here on it is not evicted
    boolean opened = false;
    try {
      FileChannel channel;
      if (!Files.exists(files.complete(key))) {
        return Optional.empty(); // without the exception, which costs more than the look
      }
      try {
        channel = ObjectFiles.openRead(files.complete(key));
      } catch (NoSuchFileException e) {
        return Optional.empty();
      }
      Optional<ObjectTable.Stored> stored = table.stored(key);
      if (stored.isEmpty() || !stored.get().complete()) {
        if (!ObjectFiles.matches(channel, key, n -> {})) {
          channel.close();
          drop(key);
          return Optional.empty();
        }
        table.storeComplete(key, channel.size(), clock.millis());
      } else if (stored.get().bytes() != channel.size()) {
        channel.close();
        drop(key); // truncated behind our back
        return Optional.empty();
      }
      used(key);
      seenComplete.put(key, channel.size());
      opened = true;
      return Optional.of(new BackedFile(channel, () -> release(key)));
    } finally {
      if (!opened) {
        release(key);
      }
    }
  }

  private void drop(ObjectKey key) throws IOException {
    seenComplete.remove(key);
    log.error("{} in the cache is damaged; it is dropped", key);
    statistics.corruptObjects.increment();
    Files.deleteIfExists(files.complete(key));
    table.remove(key);
  }

  private void hold(ObjectKey key) {
    openCounts.merge(key, 1, Integer::sum);
  }

  private void release(ObjectKey key) {
    openCounts.computeIfPresent(key, (k, n) -> n == 1 ? null : n - 1);
  }

  private boolean mayEvict(ObjectKey key) {
    return !openCounts.containsKey(key) && !table.isPinned(key);
  }

  private void used(ObjectKey key) {
    Map<ObjectKey, Long> flush = null;
    synchronized (usesLock) {
      uses.put(key, clock.millis());
      if (uses.size() >= MOST_UNFLUSHED_USES) {
        flush = uses;
        uses = new HashMap<>();
      }
    }
    if (flush != null) {
      Map<ObjectKey, Long> batch = flush;
      workers.execute(() -> table.touch(batch));
    }
  }

  private void flushUses() {
    Map<ObjectKey, Long> flush;
    synchronized (usesLock) {
      flush = uses;
      uses = new HashMap<>();
    }
    table.touch(flush);
  }

  /** Returns the filling object of a key with one more user, who releases it. */
  private FillingObject share(ObjectKey key, long size, Origins origins) throws IOException {
    while (true) {
      FillingObject object;
      try {
        object = filling.computeIfAbsent(key, k -> fillingObject(key, size, origins));
      } catch (UncheckedIOException e) {
        throw e.getCause();
      }
      if (object.retain()) {
        return object;
      }
      Thread.onSpinWait(); // its last user is just leaving; the next one is another object
    }
  }

  private FillingObject fillingObject(ObjectKey key, long size, Origins origins) {
    BitSet present = size > settings.chunkBytes() ? table.chunks(key) : new BitSet();
    try {
      hold(key); // from here on it is not evicted
      return new FillingObject(key, size, origins, this, files.partial(key), present);
    } catch (IOException e) {
      release(key);
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void closed(ObjectKey key, FillingObject object) {
    filling.remove(key, object);
    release(key);
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
    table.storeComplete(key, size, clock.millis());
    storageBrokenUntil = Long.MIN_VALUE;
    makeRoom();
  }

  private void makeRoom() {
    if (table.totals().usedBytes() > settings.quotaBytes()) {
      workers.execute(
          () -> evictor.evict(settings.quotaBytes() - settings.quotaBytes() / 20, false));
    }
  }

  @Override
  public void storageFailed(IOException e) {
    if (!isStorageBroken()) {
      storageBrokenUntil = clock.millis() + STORAGE_REST_MILLISECONDS;
      log.error("the cache cannot be written ({}); reads go on without it", e.getMessage());
      workers.execute(() -> evictor.evict(table.totals().usedBytes() / 2, false));
    }
  }

  private boolean isStorageBroken() {
    return clock.millis() < storageBrokenUntil;
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
    if (size <= settings.quotaBytes() && !isStorageBroken()) {
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
    try (OpenFile file = open(key, size, origins)) {
      if (!(file instanceof FillingFile filled)) {
        progress.accept(size);
        return;
      }
      long before = filled.object.presentBytes();
      progress.accept(before);
      int step = Math.max(1, READ_AHEAD_BYTES / settings.chunkBytes());
      int chunks = filled.object.chunkCount();
      for (int chunk = 0; chunk < chunks; chunk += step) {
        filled.object.await(
            (long) chunk * settings.chunkBytes(),
            (int)
                Math.min(
                    (long) step * settings.chunkBytes(),
                    size - (long) chunk * settings.chunkBytes()));
        long now = filled.object.presentBytes();
        progress.accept(Math.max(0, now - before));
        before = Math.max(before, now);
      }
      filled.object.awaitComplete();
    }
  }

  @Override
  public Presence presence(ObjectKey key) {
    Optional<ObjectTable.Stored> stored = table.stored(key);
    FillingObject object = filling.get(key);
    if (object != null && (stored.isEmpty() || !stored.get().complete())) {
      return new Presence(object.size(), object.presentBytes(), false);
    }
    long size = sizeIfKnown(key);
    if (stored.isEmpty()) {
      boolean there = Files.exists(files.complete(key));
      return new Presence(size, there ? Math.max(0, size) : 0, there);
    }
    return new Presence(size, stored.get().bytes(), stored.get().complete());
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
    flushUses();
    return evictor.evict(targetBytes, dryRun);
  }

  @Override
  public FsckResult fsck(LongConsumer progress) throws IOException {
    long[] n = new long[5];
    files.walk(
        (file, size) -> {
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
            drop(key.get());
          } else if (table.stored(key.get()).filter(ObjectTable.Stored::complete).isEmpty()) {
            table.storeComplete(key.get(), size, clock.millis());
            n[4]++;
          }
        });
    return new FsckResult(n[0], n[1], n[2], n[3], n[4]);
  }

  @Override
  public void close() {
    workers.shutdownNow();
    try {
      if (!workers.awaitTermination(CLOSE_SECONDS, TimeUnit.SECONDS)) {
        log.info("fetches that do not end are left behind");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    try {
      flushUses();
      directory.close();
    } catch (IOException e) {
      log.error("closing the cache: {}", e.getMessage());
    }
  }

  private static FuseException translate(IOException e) {
    if (e instanceof InterruptedIOException) {
      return new FuseException(Errno.EINTR, "interrupted");
    }
    return new FuseException(Errno.EIO, String.valueOf(e.getMessage()), e);
  }

  /** A complete local file. */
  private final class BackedFile implements OpenFile.Backed {
    private final FileChannel channel;
    private final Runnable onClose;
    private final long size;

    BackedFile(FileChannel channel, Runnable onClose) throws IOException {
      this.channel = channel;
      this.onClose = onClose;
      this.size = channel.size();
    }

    @Override
    public FileChannel channel() {
      return channel;
    }

    @Override
    public long size() {
      return size;
    }

    @Override
    public int read(RequestContext context, ByteBuffer target, long offset) throws FuseException {
      try {
        int total = 0;
        while (target.hasRemaining()) {
          int n = channel.read(target, offset + total);
          if (n < 0) {
            break;
          }
          total += n;
        }
        statistics.hitReads.increment();
        return total;
      } catch (IOException e) {
        throw translate(e);
      }
    }

    @Override
    public void close() {
      try {
        channel.close();
      } catch (IOException e) {
        log.debug("close: {}", e.getMessage());
      }
      onClose.run();
    }
  }

  /**
   * A complete file that was opened before. The kernel has most of those in its own memory and asks
   * for no byte, so the file is opened at the first read. If it is gone by then, all is as if it
   * had never been here.
   */
  private final class SeenFile implements OpenFile.Backed {
    private final ObjectKey key;
    private final long size;
    private final Origins origins;

    @GuardedBy("this")
    private @Nullable OpenFile opened;

    SeenFile(ObjectKey key, long size, Origins origins) {
      this.key = key;
      this.size = size;
      this.origins = origins;
    }

    private synchronized OpenFile opened() throws IOException {
      if (opened == null) {
        opened = openNow(key, size, origins);
      }
      return opened;
    }

    @Override
    public FileChannel channel() throws IOException {
      if (opened() instanceof OpenFile.Backed backed) {
        return backed.channel();
      }
      throw new IOException(key + " is not complete any more");
    }

    @Override
    public long size() {
      return size;
    }

    @Override
    public int read(RequestContext context, ByteBuffer target, long offset) throws FuseException {
      OpenFile file;
      try {
        file = opened();
      } catch (IOException e) {
        throw translate(e);
      }
      return file.read(context, target, offset);
    }

    @Override
    public void close() {
      OpenFile file;
      synchronized (this) {
        file = opened;
      }
      if (file != null) {
        file.close();
      }
      release(key);
    }
  }

  /** A file that is filled as it is read. */
  private final class FillingFile implements OpenFile.Served {
    private final ObjectKey key;
    private final FillingObject object;

    private final ReadStreams readers =
        new ReadStreams(settings.chunkBytes(), READ_AHEAD_BYTES / settings.chunkBytes());

    FillingFile(ObjectKey key, FillingObject object) {
      this.key = key;
      this.object = object;
    }

    @Override
    public long size() {
      return object.size();
    }

    @Override
    public int read(RequestContext context, ByteBuffer target, long offset) throws FuseException {
      int length = (int) Math.min(target.remaining(), object.size() - offset);
      if (length <= 0) {
        return 0;
      }
      try {
        bringHere(context, offset, length);
        return object.readHere(target, offset);
      } catch (IOException e) {
        if (isStorageBroken() && !(e instanceof InterruptedIOException)) {
          return readUncached(key, object.size(), object.origins(), target, offset);
        }
        throw translate(e);
      }
    }

    private void bringHere(RequestContext context, long offset, int length)
        throws IOException, FuseException {
      boolean whole = settings.verify() == CacheSettings.Verify.BEFORE_READ;
      boolean here = whole ? object.isComplete() : object.has(offset, length);
      if (!here) {
        context.beforeSlowAnswer();
      }
      ReadAhead.Range ahead = readers.onRead(offset, length, object.chunkCount());
      if (here) {
        statistics.hitReads.increment();
        prefetch(ahead);
      } else {
        statistics.missReads.increment();
        if (whole) {
          object.awaitComplete();
        } else {
          prefetch(ahead);
          object.await(offset, length);
        }
      }
    }

    @Override
    public void await(RequestContext context, long offset, int length) throws FuseException {
      int here = (int) Math.min(length, object.size() - offset);
      if (here > 0) {
        try {
          bringHere(context, offset, here);
        } catch (IOException e) {
          if (!isStorageBroken() || e instanceof InterruptedIOException) {
            throw translate(e);
          } // else the read that follows goes to the origin
        }
      }
    }

    private void prefetch(ReadAhead.Range ahead) {
      if (!ahead.isEmpty()) {
        var unused = object.start(ahead.from(), ahead.to());
      }
    }

    @Override
    public void close() {
      used(key);
      object.release();
    }
  }

  /** A file for which there is no room: each read goes to the origin. */
  private final class UncachedFile implements OpenFile.Served {
    private final ObjectKey key;
    private final long size;
    private final Origins origins;

    UncachedFile(ObjectKey key, long size, Origins origins) {
      this.key = key;
      this.size = size;
      this.origins = origins;
    }

    @Override
    public long size() {
      return size;
    }

    @Override
    public int read(RequestContext context, ByteBuffer target, long offset) throws FuseException {
      context.beforeSlowAnswer();
      return readUncached(key, size, origins, target, offset);
    }

    @Override
    public void close() {}
  }

  private int readUncached(
      ObjectKey key, long size, Origins origins, ByteBuffer target, long offset)
      throws FuseException {
    int length = (int) Math.min(target.remaining(), size - offset);
    if (length <= 0) {
      return 0;
    }
    statistics.missReads.increment();
    IOException failure = new ObjectMissingException(key, origins.names());
    int start = target.position();
    for (ObjectSource source : origins.sources()) {
      try {
        source.read(
            key,
            offset,
            length,
            bytes -> {
              statistics.fetchedBytes.add(bytes.remaining());
              target.put(bytes);
            });
        return length;
      } catch (IOException e) {
        failure = e;
        target.position(start);
      }
    }
    if (failure instanceof ObjectMissingException) {
      statistics.missing.add(key, origins.names());
    }
    throw translate(failure);
  }
}
