package io.revfs.cache.local;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.revfs.cache.Cache;
import io.revfs.cache.CacheSettings;
import io.revfs.fuse.FuseException;
import io.revfs.fuse.OpenFile;
import io.revfs.fuse.RequestContext;
import io.revfs.object.ObjectKey;
import io.revfs.object.ObjectSource;
import io.revfs.object.Origins;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.BitSet;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Opens objects: complete ones as local files, others to be filled as they are read, or past the
 * cache where there is no room. Knows what is open, which is not evicted. Thread-safe.
 */
final class Opener {
  private static final Logger log = LoggerFactory.getLogger(Opener.class);
  private static final int MOST_SEEN = 1 << 16; // some 10 MB

  private final CacheSettings settings;
  private final InstantSource clock;
  private final ObjectFiles files;
  private final ObjectTable table;
  private final CacheStatistics statistics;
  private final LastUses uses;
  private final StorageHealth health;
  private final FillingObject.Fill fill;
  private final PastCache past;
  private final ConcurrentHashMap<ObjectKey, Integer> openCounts = new ConcurrentHashMap<>();

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

  Opener(
      CacheSettings settings,
      InstantSource clock,
      ObjectFiles files,
      ObjectTable table,
      CacheStatistics statistics,
      LastUses uses,
      StorageHealth health,
      FillingObject.Fill fill) {
    this.settings = settings;
    this.clock = clock;
    this.files = files;
    this.table = table;
    this.statistics = statistics;
    this.uses = uses;
    this.health = health;
    this.fill = fill;
    this.past = new PastCache(statistics, health);
  }

  /**
   * Does something with an object that nobody has open; whoever opens it meanwhile waits until it
   * is done.
   *
   * @return false if somebody has it open, else what {@code work} returned
   */
  boolean ifUnused(ObjectKey key, BooleanSupplier work) {
    boolean[] done = {false};
    openCounts.compute(
        key,
        (k, users) -> {
          done[0] = users == null && work.getAsBoolean();
          if (done[0]) {
            seenComplete.remove(key);
          }
          return users;
        });
    return done[0];
  }

  /** Returns what fills an object now, if anything does. */
  @Nullable FillingObject filling(ObjectKey key) {
    return filling.get(key);
  }

  /** Returns what fills an open file, null if it needs no filling. */
  static @Nullable FillingObject fillingOf(OpenFile file) {
    return file instanceof FillingFile filled ? filled.object() : null;
  }

  /** As {@link Cache#open}. */
  OpenFile open(ObjectKey key, long size, Origins origins) throws IOException {
    Long known = seenComplete.get(key);
    if (known != null && known == size) {
      hold(key);
      uses.used(key);
      return new SeenFile(key, size, origins);
    }
    return openNow(key, size, origins);
  }

  /** As {@link Cache#open}, but looks at the disk in any case. */
  OpenFile openNow(ObjectKey key, long size, Origins origins) throws IOException {
    return open(key, size, origins, true);
  }

  /** As {@link #openNow}, but what lies in another cache is to be filled here too. */
  OpenFile openOwn(ObjectKey key, long size, Origins origins) throws IOException {
    return open(key, size, origins, false);
  }

  private OpenFile open(ObjectKey key, long size, Origins origins, boolean inPlace)
      throws IOException {
    FillingObject going = filling.get(key);
    // One that is in its place and about to enter the index is not to be verified twice.
    Optional<OpenFile> complete =
        going == null || going.isComplete() ? openComplete(key) : Optional.empty();
    if (complete.isPresent()) {
      return complete.get();
    }
    Optional<OpenFile> elsewhere = inPlace ? openInPlace(key, size, origins) : Optional.empty();
    if (elsewhere.isPresent()) {
      return elsewhere.get();
    }
    if (health.isBroken() || size > settings.quotaBytes()) {
      return past.open(key, size, origins);
    }
    try {
      FillingObject object = share(key, size, origins);
      if (object == null) {
        return open(key, size, origins, inPlace);
      }
      object.verifyIfWhole(); // a kill may have come between the last chunk and that
      return new FillingFile(object, settings, statistics, past, () -> uses.used(key));
    } catch (IOException e) {
      fill.storageFailed(e);
      return past.open(key, size, origins);
    }
  }

  /** Opens an object of a DVC cache that is to be trusted. */
  private Optional<OpenFile> openInPlace(ObjectKey key, long size, Origins origins)
      throws IOException {
    for (ObjectSource source : origins.sources()) {
      Optional<Path> local = source.localFile(key);
      if (local.isPresent()) {
        FileChannel channel = ObjectFiles.openRead(local.get());
        if (channel.size() == size) {
          return Optional.of(new BackedFile(channel, statistics, () -> {}));
        }
        channel.close();
      }
    }
    return Optional.empty();
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
      uses.used(key);
      seenComplete.put(key, channel.size());
      opened = true;
      return Optional.of(new BackedFile(channel, statistics, () -> release(key)));
    } finally {
      if (!opened) {
        release(key);
      }
    }
  }

  /** Drops a complete object whose bytes are wrong. */
  void drop(ObjectKey key) throws IOException {
    seenComplete.remove(key);
    log.error("{} in the cache is damaged; it is dropped", key);
    statistics.corruptObjects.increment();
    statistics.evictedObjects.increment();
    Files.deleteIfExists(files.complete(key));
    table.remove(key);
  }

  private void hold(ObjectKey key) {
    openCounts.merge(key, 1, Integer::sum);
  }

  private void release(ObjectKey key) {
    openCounts.computeIfPresent(key, (k, n) -> n == 1 ? null : n - 1);
  }

  /**
   * Returns the filling object of a key with one more user, who releases it; null if the object has
   * become complete since that was asked, and was closed: it is not to be filled twice.
   */
  private @Nullable FillingObject share(ObjectKey key, long size, Origins origins)
      throws IOException {
    while (true) {
      @Nullable FillingObject object;
      try {
        object =
            filling.computeIfAbsent(
                key, k -> Files.exists(files.complete(k)) ? null : fillingObject(k, size, origins));
      } catch (UncheckedIOException e) {
        throw e.getCause();
      }
      if (object == null) {
        return null;
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
      return new FillingObject(key, size, origins, fill, files.partial(key), present);
    } catch (IOException e) {
      release(key);
      throw new UncheckedIOException(e);
    }
  }

  /** The last user of a filling object has gone. */
  void closed(ObjectKey key, FillingObject object) {
    filling.remove(key, object);
    release(key);
  }

  /** Begins to fetch what is absent, if it is little; does not wait for it. */
  void begin(ObjectKey key, long size, Origins origins) throws IOException {
    if (size > settings.chunkBytes()) {
      return;
    }
    try (OpenFile file = openNow(key, size, origins)) {
      if (file instanceof FillingFile filled) {
        FillingObject object = filled.object();
        var unused = object.start(0, object.chunkCount());
      }
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
        throw FuseException.of(e);
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
}
