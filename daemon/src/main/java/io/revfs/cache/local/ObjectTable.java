package io.revfs.cache.local;

import io.revfs.cache.Cache;
import io.revfs.index.Index;
import io.revfs.index.ReadTransaction;
import io.revfs.index.Table;
import io.revfs.index.WriteTransaction;
import io.revfs.object.Digest;
import io.revfs.object.ObjectKey;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the index holds of objects. Keys are one byte of algorithm, with the top bit for manifests,
 * and the digest's bytes. Tables: {@code sizes} (known sizes), {@code objects} (what lies on the
 * disk: state, bytes on the disk, last use), {@code lru} (last use and key, so that eviction begins
 * with the oldest), {@code chunks} (bitmaps of what is being filled), {@code pins} (key and owner),
 * {@code totals}.
 */
final class ObjectTable {
  private static final Logger log = LoggerFactory.getLogger(ObjectTable.class);
  private static final int MANIFEST_BIT = 0x80;
  private static final int MOST_KEY_BYTES = 64;
  private static final int RECORD_BYTES = 1 + Long.BYTES + Long.BYTES;

  private final Index index;
  private final Table sizes;
  private final Table objects;
  private final Table lru;
  private final Table chunks;
  private final Table pins;
  private final Table totals;

  ObjectTable(Index index) {
    this.index = index;
    this.sizes = index.table("sizes");
    this.objects = index.table("objects");
    this.lru = index.table("lru");
    this.chunks = index.table("chunks");
    this.pins = index.table("pins");
    this.totals = index.table("totals");
  }

  /** How an object lies on the disk; the code is what the index holds. */
  enum State {
    /** Whole and verified. */
    COMPLETE(1),
    /** Being filled. */
    PARTIAL(2),
    /** In the place of what is whole, but not verified since the index was lost. */
    FOUND(3);

    private final byte code;

    State(int code) {
      this.code = (byte) code;
    }

    static State of(byte code) {
      return code == COMPLETE.code ? COMPLETE : code == FOUND.code ? FOUND : PARTIAL;
    }
  }

  /** What lies on the disk of an object: {@code bytes} of it, last used at {@code lastUse}. */
  record Stored(State state, long bytes, long lastUse) {
    /** Returns whether it can be served as it lies there. */
    boolean complete() {
      return state == State.COMPLETE;
    }
  }

  /** A file in the place of a complete object: its size in bytes, and when it was written. */
  record FoundFile(ObjectKey key, Path path, long bytes, long time) {}

  /** Sums over all objects. */
  record Totals(long usedBytes, long complete, long partial) {}

  static ByteBuffer key(ObjectKey key) {
    byte[] bytes = keyBytes(key);
    return ByteBuffer.allocateDirect(bytes.length).put(bytes).flip();
  }

  private static byte[] keyBytes(ObjectKey key) {
    byte[] digest = key.digest().toBytes();
    byte[] bytes = new byte[1 + digest.length];
    int first = key.digest().algorithm().code() | (key.manifest() ? MANIFEST_BIT : 0);
    bytes[0] = (byte) first;
    System.arraycopy(digest, 0, bytes, 1, digest.length);
    return bytes;
  }

  static ObjectKey key(ByteBuffer bytes) {
    int first = bytes.get(bytes.position()) & 0xFF;
    Digest.Algorithm algorithm = Digest.Algorithm.ofCode(first & ~MANIFEST_BIT);
    byte[] digest = new byte[algorithm.bytes()];
    bytes.get(bytes.position() + 1, digest);
    return new ObjectKey(Digest.of(algorithm, digest), (first & MANIFEST_BIT) != 0);
  }

  private static ByteBuffer number(long value) {
    return ByteBuffer.allocateDirect(Long.BYTES).putLong(value).flip();
  }

  long size(ObjectKey key) {
    ByteBuffer k = key(key);
    return index.read(
        txn -> {
          ByteBuffer value = txn.get(sizes, k);
          return value == null ? -1L : value.getLong(value.position());
        });
  }

  /**
   * Writes what only spares a question or a fetch later. On a full disk it is left out: reads go
   * on.
   */
  private void noteDown(Index.WriteWork<Boolean, RuntimeException> work) {
    try {
      index.write(work);
    } catch (RuntimeException e) {
      log.warn("the index cannot be written: {}", e.getMessage());
    }
  }

  /**
   * In the table's order and with two buffers for all: there may be tens of thousands, and each
   * page of the table is then written once.
   */
  void rememberSizes(List<Cache.KnownSize> known) {
    List<SizeRecord> records = new ArrayList<>(known.size());
    for (Cache.KnownSize one : known) {
      records.add(new SizeRecord(keyBytes(one.key()), one.size()));
    }
    records.sort((a, b) -> Arrays.compareUnsigned(a.key(), b.key()));
    ByteBuffer key = ByteBuffer.allocateDirect(MOST_KEY_BYTES);
    ByteBuffer value = ByteBuffer.allocateDirect(Long.BYTES);
    noteDown(
        txn -> {
          for (SizeRecord one : records) {
            txn.put(
                sizes, key.clear().put(one.key()).flip(), value.clear().putLong(one.size()).flip());
          }
          return true;
        });
  }

  @SuppressWarnings("ArrayRecordComponent") // between two lines of one method
  private record SizeRecord(byte[] key, long size) {}

  Optional<Stored> stored(ObjectKey key) {
    ByteBuffer k = key(key);
    return index.read(txn -> stored(txn, k));
  }

  private Optional<Stored> stored(ReadTransaction txn, ByteBuffer key) {
    ByteBuffer value = txn.get(objects, key.duplicate());
    return value == null ? Optional.empty() : Optional.of(decode(value));
  }

  private static Stored decode(ByteBuffer value) {
    int at = value.position();
    return new Stored(
        State.of(value.get(at)), value.getLong(at + 1), value.getLong(at + 1 + Long.BYTES));
  }

  /** Returns the chunks of an object that is being filled. */
  BitSet chunks(ObjectKey key) {
    ByteBuffer k = key(key);
    return index.read(
        txn -> {
          ByteBuffer value = txn.get(chunks, k);
          return value == null ? new BitSet() : BitSet.valueOf(value);
        });
  }

  void storePartial(ObjectKey key, BitSet present, long bytes, long size, long now) {
    ByteBuffer k = key(key);
    byte[] bits = present.toByteArray();
    noteDown(
        txn -> {
          txn.put(chunks, k.duplicate(), ByteBuffer.allocateDirect(bits.length).put(bits).flip());
          txn.put(sizes, k.duplicate(), number(size));
          replace(txn, k, Optional.of(new Stored(State.PARTIAL, bytes, now)));
          return true;
        });
  }

  void storeComplete(ObjectKey key, long size, long now) {
    ByteBuffer k = key(key);
    noteDown(
        txn -> {
          txn.delete(chunks, k.duplicate());
          txn.put(sizes, k.duplicate(), number(size));
          replace(txn, k, Optional.of(new Stored(State.COMPLETE, size, now)));
          return true;
        });
  }

  private static final ByteBuffer WALKED_KEY = ByteBuffer.allocateDirect(1).put((byte) 1).flip();

  /** Returns whether all files of the disk were put into this index once. */
  boolean knowsFiles() {
    return index.read(txn -> txn.get(totals, WALKED_KEY.duplicate()) != null);
  }

  /** Notes that it does. */
  void setKnowsFiles() {
    noteDown(
        txn -> {
          txn.put(totals, WALKED_KEY.duplicate(), NOTHING.duplicate());
          return true;
        });
  }

  /**
   * Takes in files that the index does not know. One that is evicted at this very moment may stay
   * as a record without a file: it is evicted again, or found absent, later.
   */
  void storeFound(List<FoundFile> files) {
    index.write(
        txn -> {
          for (FoundFile file : files) {
            ByteBuffer k = key(file.key());
            if (stored(txn, k).isEmpty() && Files.exists(file.path())) {
              replace(txn, k, Optional.of(new Stored(State.FOUND, file.bytes(), file.time())));
            }
          }
          return true;
        });
  }

  void remove(ObjectKey key) {
    ByteBuffer k = key(key);
    index.write(
        txn -> {
          txn.delete(chunks, k.duplicate());
          replace(txn, k, Optional.empty());
          return true;
        });
  }

  void touch(java.util.Map<ObjectKey, Long> uses) {
    noteDown(
        txn -> {
          uses.forEach(
              (key, time) -> {
                ByteBuffer k = key(key);
                stored(txn, k)
                    .ifPresent(
                        s -> replace(txn, k, Optional.of(new Stored(s.state(), s.bytes(), time))));
              });
          return true;
        });
  }

  /** Changes a record, its place in the order of use, and the totals together. */
  private void replace(WriteTransaction txn, ByteBuffer key, Optional<Stored> now) {
    Optional<Stored> before = stored(txn, key);
    before.ifPresent(s -> txn.delete(lru, lruKey(s.lastUse(), key)));
    if (now.isPresent()) {
      Stored s = now.get();
      ByteBuffer value =
          ByteBuffer.allocateDirect(RECORD_BYTES)
              .put(s.state().code)
              .putLong(s.bytes())
              .putLong(s.lastUse())
              .flip();
      txn.put(objects, key.duplicate(), value);
      txn.put(lru, lruKey(s.lastUse(), key), number(s.bytes()));
    } else if (before.isPresent()) {
      txn.delete(objects, key.duplicate());
    }
    Totals t = totals(txn);
    write(
        txn,
        new Totals(
            t.usedBytes()
                + now.map(Stored::bytes).orElse(0L)
                - before.map(Stored::bytes).orElse(0L),
            t.complete() + count(now, true) - count(before, true),
            t.partial() + count(now, false) - count(before, false)));
  }

  private static long count(Optional<Stored> stored, boolean whole) {
    return stored.isPresent() && (stored.get().state() != State.PARTIAL) == whole ? 1 : 0;
  }

  private static ByteBuffer lruKey(long lastUse, ByteBuffer key) {
    return ByteBuffer.allocateDirect(Long.BYTES + key.remaining())
        .putLong(lastUse)
        .put(key.duplicate())
        .flip();
  }

  Totals totals() {
    return index.read(this::totals);
  }

  private static final ByteBuffer TOTALS_KEY = ByteBuffer.allocateDirect(1).put((byte) 0).flip();

  private Totals totals(ReadTransaction txn) {
    ByteBuffer value = txn.get(totals, TOTALS_KEY.duplicate());
    if (value == null) {
      return new Totals(0, 0, 0);
    }
    int at = value.position();
    return new Totals(
        value.getLong(at), value.getLong(at + Long.BYTES), value.getLong(at + 2 * Long.BYTES));
  }

  private void write(WriteTransaction txn, Totals t) {
    txn.put(
        totals,
        TOTALS_KEY.duplicate(),
        ByteBuffer.allocateDirect(3 * Long.BYTES)
            .putLong(t.usedBytes())
            .putLong(t.complete())
            .putLong(t.partial())
            .flip());
  }

  /** Takes objects from the least recently used on. */
  @FunctionalInterface
  interface UseVisitor {
    boolean visit(ObjectKey key, long bytes);
  }

  void oldestFirst(UseVisitor visitor) {
    index.read(
        txn -> {
          txn.scanAll(
              lru,
              (k, v) -> {
                ByteBuffer key = k.duplicate().position(k.position() + Long.BYTES);
                return visitor.visit(key(key), v.getLong(v.position()));
              });
          return true;
        });
  }

  boolean isPinned(ObjectKey key) {
    ByteBuffer k = key(key);
    return index.read(
        txn -> {
          boolean[] found = {false};
          txn.scan(
              pins,
              k,
              (p, v) -> {
                found[0] =
                    p.remaining() >= k.remaining()
                        && p.slice(p.position(), k.remaining()).equals(k.duplicate());
                return false;
              });
          return found[0];
        });
  }

  long pinCount() {
    return index.read(txn -> txn.count(pins));
  }

  private static ByteBuffer pinKey(ObjectKey key, String owner) {
    byte[] text = owner.getBytes(java.nio.charset.StandardCharsets.UTF_8);
    ByteBuffer k = key(key);
    return ByteBuffer.allocateDirect(k.remaining() + text.length).put(k).put(text).flip();
  }

  private static final ByteBuffer NOTHING = ByteBuffer.allocateDirect(1).put((byte) 0).flip();

  void pin(ObjectKey key, String owner) {
    index.write(
        txn -> {
          txn.put(pins, pinKey(key, owner), NOTHING.duplicate());
          return true;
        });
  }

  void unpin(ObjectKey key, String owner) {
    index.write(txn -> txn.delete(pins, pinKey(key, owner)));
  }

  /** One pin. */
  record Pin(ObjectKey key, String owner) {}

  List<Pin> pins() {
    return index.read(
        txn -> {
          List<Pin> all = new java.util.ArrayList<>();
          txn.scanAll(
              pins,
              (k, v) -> {
                ObjectKey key = key(k);
                byte[] owner = new byte[k.remaining() - 1 - key.digest().algorithm().bytes()];
                k.get(k.position() + 1 + key.digest().algorithm().bytes(), owner);
                all.add(new Pin(key, new String(owner, java.nio.charset.StandardCharsets.UTF_8)));
                return true;
              });
          return all;
        });
  }
}
