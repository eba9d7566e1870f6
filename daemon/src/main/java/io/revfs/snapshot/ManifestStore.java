package io.revfs.snapshot;

import io.revfs.cache.Cache;
import io.revfs.dvc.manifest.ManifestReader;
import io.revfs.fuse.FileNames;
import io.revfs.fuse.OpenFile;
import io.revfs.image.DirectorySize;
import io.revfs.index.Index;
import io.revfs.index.ReadTransaction;
import io.revfs.index.Table;
import io.revfs.object.Digest;
import io.revfs.object.Hasher;
import io.revfs.object.ObjectCorruptException;
import io.revfs.object.ObjectKey;
import io.revfs.object.ObjectMissingException;
import io.revfs.object.Origins;
import io.revfs.object.SourceUnreachableException;
import java.io.BufferedInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Manifests, each read from JSON once and then kept as sorted pages in the index. Thread-safe.
 *
 * <p>Tables: {@code pages} (see {@link ManifestPages}), {@code manifests}: manifest's key to the id
 * of its root directory, written last, so a manifest half stored is one not stored.
 */
public final class ManifestStore {
  private static final Logger log = LoggerFactory.getLogger(ManifestStore.class);
  private static final long MOST_KEPT_BYTES = 64 << 20;

  private final Map<ByteBuffer, byte[]> kept = new ConcurrentHashMap<>();
  private final AtomicLong keptBytes = new AtomicLong();
  private static final int BATCH_BYTES = 4 << 20;
  private static final int BUFFER_BYTES = 1 << 20;

  private final Index index;
  private final Cache cache;
  private final Table pages;
  private final Table manifests;
  private final ConcurrentHashMap<ObjectKey, Object> loading = new ConcurrentHashMap<>();

  /** Keeps pages in an index; reads manifests through a cache. */
  public ManifestStore(Index index, Cache cache) {
    this.index = index;
    this.cache = cache;
    this.pages = index.table("pages");
    this.manifests = index.table("manifests");
  }

  private static ByteBuffer direct(byte[] bytes) {
    return ByteBuffer.allocateDirect(bytes.length).put(bytes).flip();
  }

  private static ByteBuffer key(ObjectKey manifest) {
    byte[] digest = manifest.digest().toBytes();
    return ByteBuffer.allocateDirect(1 + digest.length)
        .put((byte) manifest.digest().algorithm().code())
        .put(digest)
        .flip();
  }

  /** Returns the root directory's id if the manifest has been read before. */
  Optional<byte[]> known(ObjectKey manifest) {
    ByteBuffer key = key(manifest);
    Optional<byte[]> stored =
        index.read(
            txn -> {
              ByteBuffer value = txn.get(manifests, key);
              return value == null ? Optional.empty() : Optional.of(bytes(value));
            });
    return stored.or(() -> Optional.ofNullable(kept.get(copy(key))));
  }

  private static ByteBuffer copy(ByteBuffer key) {
    return ByteBuffer.wrap(bytes(key));
  }

  /** Keeps in memory what a full disk has no room for, up to a bound. */
  private void keep(ByteBuffer key, byte[] value, RuntimeException why) {
    if (kept.isEmpty()) {
      log.error("the index cannot be written ({}); directories stay in memory", why.getMessage());
    }
    if (keptBytes.addAndGet(value.length) > MOST_KEPT_BYTES) {
      throw why;
    }
    kept.put(key, value);
  }

  private static byte[] bytes(ByteBuffer buffer) {
    byte[] bytes = new byte[buffer.remaining()];
    buffer.get(buffer.position(), bytes);
    return bytes;
  }

  /** Returns the root directory's id, fetching and reading the manifest if need be. */
  byte[] load(ObjectKey manifest, Origins origins) throws IOException {
    Optional<byte[]> known = known(manifest);
    if (known.isPresent()) {
      return known.get();
    }
    Object lock = loading.computeIfAbsent(manifest, k -> new Object());
    try {
      synchronized (lock) {
        known = known(manifest);
        return known.isPresent() ? known.get() : read(manifest, origins);
      }
    } finally {
      loading.remove(manifest, lock);
    }
  }

  private byte[] read(ObjectKey manifest, Origins origins) throws IOException {
    try {
      cache.fetch(manifest, origins, n -> {}); // many readers want it soon
    } catch (ObjectMissingException | ObjectCorruptException | SourceUnreachableException e) {
      throw e;
    } catch (IOException e) {
      log.warn("{} cannot be cached, so it is read from afar: {}", manifest, e.getMessage());
    }
    byte[] root;
    try {
      root = read(manifest, origins, false);
    } catch (ManifestBuilder.NotSortedException e) {
      try {
        root = read(manifest, origins, true);
      } catch (ManifestBuilder.NotSortedException impossible) {
        throw new IllegalStateException(impossible);
      }
    }
    ByteBuffer key = key(manifest);
    ByteBuffer value = direct(root);
    try {
      index.write(
          txn -> {
            txn.put(manifests, key.duplicate(), value.duplicate());
            return true;
          });
    } catch (RuntimeException e) {
      keep(copy(key), root, e);
    }
    return root;
  }

  private byte[] read(ObjectKey manifest, Origins origins, boolean anyOrder)
      throws IOException, ManifestBuilder.NotSortedException {
    Batch batch = new Batch();
    ManifestBuilder builder = new ManifestBuilder(batch::add, anyOrder);
    try (OpenFile file = cache.open(manifest, cache.size(manifest, origins), origins);
        HashedStream hashed = new HashedStream(new OpenFileStream(file), manifest);
        InputStream in = new BufferedInputStream(hashed, BUFFER_BYTES)) {
      ManifestReader.read(
          in,
          manifest.name(),
          (path, hex, size, executable) -> {
            try {
              builder.add(path, hex, size, executable);
            } catch (ManifestBuilder.NotSortedException e) {
              throw new IOException(e);
            }
          });
      hashed.transferTo(OutputStream.nullOutputStream()); // what may follow counts for the hash
      if (!hashed.matches()) {
        throw new ObjectCorruptException(
            manifest, origins.names(), "its bytes have another digest");
      }
    } catch (IOException e) {
      if (e.getCause() instanceof ManifestBuilder.NotSortedException n) {
        throw n;
      }
      throw e;
    }
    byte[] root = builder.finish();
    batch.flush();
    return root;
  }

  /** Hashes what passes: a manifest that could not be cached was not verified by the cache. */
  private static final class HashedStream extends FilterInputStream {
    private final ObjectKey key;
    private final Hasher hasher;

    HashedStream(InputStream in, ObjectKey key) {
      super(in);
      this.key = key;
      this.hasher = Hasher.of(key.digest().algorithm(), 0).orElseThrow();
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
      int n = in.read(bytes, offset, length);
      if (n > 0) {
        hasher.update(ByteBuffer.wrap(bytes, offset, n));
      }
      return n;
    }

    boolean matches() {
      return hasher.finish().equals(key.digest());
    }
  }

  /** Pages on their way into the index. */
  private final class Batch {
    private final List<byte[]> ids = new ArrayList<>();
    private final List<byte[]> contents = new ArrayList<>();
    private int size;

    void add(byte[] id, byte[] content) {
      ids.add(id);
      contents.add(content);
      size += content.length;
      if (size >= BATCH_BYTES) {
        flush();
      }
    }

    void flush() {
      try {
        index.write(
            txn -> {
              for (int i = 0; i < ids.size(); i++) {
                txn.putIfAbsent(pages, direct(ids.get(i)), direct(contents.get(i)));
              }
              return true;
            });
      } catch (RuntimeException e) {
        for (int i = 0; i < ids.size(); i++) {
          keep(ByteBuffer.wrap(ids.get(i)), contents.get(i), e);
        }
      }
      ids.clear();
      contents.clear();
      size = 0;
    }
  }

  /** An entry of a directory as it is stored. */
  record Stored(String name, byte kind, byte @Nullable [] digest, long size) {}

  private ManifestPages.PageIndex pageIndex(ReadTransaction txn, byte[] directory) {
    return new ManifestPages.PageIndex(page(txn, directory));
  }

  private ByteBuffer page(ReadTransaction txn, byte[] id) {
    ByteBuffer page = txn.get(pages, direct(id));
    if (page != null) {
      return page;
    }
    byte[] inMemory = kept.get(ByteBuffer.wrap(id));
    if (inMemory == null) {
      throw new IllegalStateException("a page of a manifest is not in the index");
    }
    return ByteBuffer.wrap(inMemory);
  }

  /** Returns the entry of a name. */
  Optional<Stored> find(byte[] directory, String name) {
    byte[] wanted = FileNames.encode(name);
    return index.read(
        txn -> {
          ManifestPages.PageIndex pageIndex = pageIndex(txn, directory);
          int low = 0;
          int high = pageIndex.pages() - 1;
          if (high < 0) {
            return Optional.empty();
          }
          while (low < high) {
            int middle = (low + high + 1) >>> 1;
            if (ManifestPages.compareFirst(page(txn, pageIndex.page(middle)), wanted) <= 0) {
              low = middle;
            } else {
              high = middle - 1;
            }
          }
          ByteBuffer page = page(txn, pageIndex.page(low));
          for (int at = page.position();
              at < page.limit();
              at += ManifestPages.entryLength(page, at)) {
            int order = ManifestPages.compareName(page, at, wanted);
            if (order == 0) {
              return Optional.of(entry(page, at));
            }
            if (order > 0) {
              break;
            }
          }
          return Optional.empty();
        });
  }

  /**
   * Returns entries from an ordinal on: at most so many, fewer at the end of a page, none past all.
   */
  List<Stored> list(byte[] directory, long position, int most) {
    return index.read(
        txn -> {
          List<Stored> entries = new ArrayList<>();
          ManifestPages.PageIndex pageIndex = pageIndex(txn, directory);
          if (position >= pageIndex.entries()) {
            return entries;
          }
          int number = pageIndex.pageOf(position);
          ByteBuffer page = page(txn, pageIndex.page(number));
          long ordinal = pageIndex.firstEntry(number);
          for (int at = page.position();
              at < page.limit() && entries.size() < most;
              at += ManifestPages.entryLength(page, at)) {
            if (ordinal++ >= position) {
              entries.add(entry(page, at));
            }
          }
          return entries;
        });
  }

  /** Returns what {@code stat} shows of a directory, if it is stored. */
  Optional<DirectorySize> size(byte[] directory) {
    return index.read(txn -> pageIndex(txn, directory).size());
  }

  /**
   * Returns the entries of a page as they are stored ({@link ManifestPages}), from an ordinal on;
   * empty past the last one.
   */
  ByteBuffer rawPage(byte[] directory, long position) {
    return index.read(
        txn -> {
          ManifestPages.PageIndex pageIndex = pageIndex(txn, directory);
          if (position >= pageIndex.entries()) {
            return ByteBuffer.allocate(0);
          }
          int number = pageIndex.pageOf(position);
          ByteBuffer page = page(txn, pageIndex.page(number));
          int at = page.position();
          for (long skip = position - pageIndex.firstEntry(number); skip > 0; skip--) {
            at += ManifestPages.entryLength(page, at);
          }
          byte[] raw = new byte[page.limit() - at];
          page.get(at, raw);
          return ByteBuffer.wrap(raw); // what the transaction maps is not valid after it
        });
  }

  private static Stored entry(ByteBuffer page, int at) {
    String name = ManifestPages.name(page, at);
    int after = at + 1 + (page.get(at) & 0xFF);
    byte kind = page.get(after);
    byte[] digest = new byte[ManifestPages.ID_BYTES];
    page.get(after + 1, digest);
    long size =
        kind == ManifestPages.DIRECTORY ? 0 : page.getLong(after + 1 + ManifestPages.ID_BYTES);
    return new Stored(name, kind, digest, size);
  }

  /** Returns the key of a file in a manifest, whose hashes are of the manifest's own kind. */
  static ObjectKey fileKey(ObjectKey manifest, byte[] digest) {
    return ObjectKey.file(Digest.of(manifest.digest().algorithm(), digest));
  }
}
