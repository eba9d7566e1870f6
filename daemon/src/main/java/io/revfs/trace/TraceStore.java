package io.revfs.trace;

import io.revfs.index.Index;
import io.revfs.index.ReadTransaction;
import io.revfs.index.Table;
import io.revfs.index.WriteTransaction;
import io.revfs.object.Digest;
import io.revfs.object.Hasher;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.InflaterInputStream;

/**
 * The traces of all working copies of one daemon. Thread-safe. Those that are too old go, and of
 * the rest the oldest when they are too many bytes.
 *
 * <p>Three tables: traces by id (JSON, deflated), their summaries by id (JSON), and for each path
 * that was read or left the runs that did: by the MD5 of the root (16 bytes), that of the path (16)
 * and the id; the value is a byte of flags and the digests read and left (16 each, zero if none).
 */
public final class TraceStore implements Closeable {
  private static final long MAP_BYTES = 16L << 20;
  private static final int HASH_BYTES = 16;
  private static final int READ = 1;
  private static final int LEFT = 2;

  private final Index index;
  private final Table traces;
  private final Table summaries;
  private final Table uses;
  private final Duration keep;
  private final long mostBytes;

  private TraceStore(Index index, Duration keep, long mostBytes) {
    this.index = index;
    this.traces = index.table("traces");
    this.summaries = index.table("trace-summaries");
    this.uses = index.table("trace-paths");
    this.keep = keep;
    this.mostBytes = mostBytes;
  }

  /**
   * Opens the store in a directory, which is made if absent.
   *
   * @param keep traces older than this go; zero: none does for its age
   * @param mostBytes what they may take, compressed; the newest stays whatever it takes
   */
  public static TraceStore open(Path directory, Duration keep, long mostBytes) throws IOException {
    return new TraceStore(Index.openOrRebuild(directory, MAP_BYTES), keep, mostBytes);
  }

  /**
   * What a run did with a path, in short.
   *
   * @param before what it read, empty if it did not, or that is not known
   * @param after what it left
   */
  public record Use(
      String run, boolean read, boolean left, Optional<Digest> before, Optional<Digest> after) {}

  /** Keeps a trace, and lets go what is too old or too much. */
  public void put(Trace trace) {
    byte[] packed = pack(TraceJson.write(trace).toString());
    byte[] summary = TraceJson.write(trace.summary()).toString().getBytes(StandardCharsets.UTF_8);
    index.write(
        transaction -> {
          transaction.put(traces, ascii(trace.id()), direct(packed));
          transaction.put(summaries, ascii(trace.id()), direct(summary));
          for (TracedPath path : trace.paths()) {
            if (path.isInput() || path.isOutput()) {
              transaction.put(uses, key(trace.root(), path.path(), trace.id()), value(path));
            }
          }
          return true;
        });
    prune(trace.ended());
  }

  private static byte[] pack(String json) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (DeflaterOutputStream out = new DeflaterOutputStream(bytes)) {
      out.write(json.getBytes(StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException(e); // memory does not fail
    }
    return bytes.toByteArray();
  }

  private static Trace unpack(byte[] packed) throws IOException {
    try (InflaterInputStream in = new InflaterInputStream(new ByteArrayInputStream(packed))) {
      return TraceJson.read(TraceJson.JSON.readTree(in.readAllBytes()));
    }
  }

  private static ByteBuffer direct(byte[] bytes) {
    return ByteBuffer.allocateDirect(bytes.length).put(bytes).flip();
  }

  private static ByteBuffer ascii(String id) {
    return direct(id.getBytes(StandardCharsets.US_ASCII));
  }

  private static byte[] bytes(ByteBuffer buffer) {
    byte[] bytes = new byte[buffer.remaining()];
    buffer.get(bytes);
    return bytes;
  }

  private static byte[] hash(String text) {
    Hasher hasher = Hasher.of(Digest.Algorithm.MD5, 0).orElseThrow();
    hasher.update(ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)));
    return hasher.finish().toBytes();
  }

  private static ByteBuffer key(String root, String path, String id) {
    byte[] name = id.getBytes(StandardCharsets.US_ASCII);
    return ByteBuffer.allocateDirect(2 * HASH_BYTES + name.length)
        .put(hash(root))
        .put(hash(path))
        .put(name)
        .flip();
  }

  private static ByteBuffer value(TracedPath path) {
    int flags = (path.isInput() ? READ : 0) | (path.isOutput() ? LEFT : 0);
    ByteBuffer value = ByteBuffer.allocateDirect(1 + 2 * HASH_BYTES).put((byte) flags);
    put(value, path.before());
    put(value, path.after());
    return value.flip();
  }

  private static void put(ByteBuffer value, Optional<Digest> digest) {
    boolean md5 = digest.isPresent() && digest.get().algorithm() == Digest.Algorithm.MD5;
    value.put(md5 ? digest.get().toBytes() : new byte[HASH_BYTES]);
  }

  private static Optional<Digest> digest(byte[] value, int at) {
    byte[] hash = Arrays.copyOfRange(value, at, at + HASH_BYTES);
    return Arrays.equals(hash, new byte[HASH_BYTES])
        ? Optional.empty()
        : Optional.of(Digest.of(Digest.Algorithm.MD5, hash));
  }

  /** Returns the traces of a working copy, of all if {@code root} is empty, the oldest first. */
  public List<TraceSummary> list(String root) throws IOException {
    List<TraceSummary> found = new ArrayList<>();
    index.<Boolean, IOException>read(
        transaction -> {
          transaction.<IOException>scanAll(
              summaries,
              (key, value) -> {
                TraceSummary summary = TraceJson.readSummary(TraceJson.JSON.readTree(bytes(value)));
                if (root.isEmpty() || summary.root().equals(root)) {
                  found.add(summary);
                }
                return true;
              });
          return true;
        });
    return found;
  }

  /** Returns the trace of this id. */
  public Optional<Trace> get(String id) throws IOException {
    if (id.isEmpty() || !id.chars().allMatch(c -> c > ' ' && c < 0x7f) || id.length() > 64) {
      return Optional.empty();
    }
    Optional<byte[]> packed = index.read(transaction -> packed(transaction, id));
    return packed.isEmpty() ? Optional.empty() : Optional.of(unpack(packed.get()));
  }

  private Optional<byte[]> packed(ReadTransaction transaction, String id) {
    return Optional.ofNullable(transaction.get(traces, ascii(id))).map(TraceStore::bytes);
  }

  /** Returns the runs that read or left a path, the oldest first. */
  public List<Use> uses(String root, String path) {
    List<Use> found = new ArrayList<>();
    ByteBuffer from = key(root, path, "");
    byte[] prefix = bytes(from.duplicate());
    return index.read(
        transaction -> {
          transaction.scan(
              uses,
              from,
              (key, value) -> {
                byte[] at = bytes(key);
                if (!Arrays.equals(
                    prefix, 0, prefix.length, at, 0, Math.min(prefix.length, at.length))) {
                  return false;
                }
                byte[] told = bytes(value);
                String run =
                    new String(
                        at, prefix.length, at.length - prefix.length, StandardCharsets.US_ASCII);
                found.add(
                    new Use(
                        run,
                        (told[0] & READ) != 0,
                        (told[0] & LEFT) != 0,
                        digest(told, 1),
                        digest(told, 1 + HASH_BYTES)));
                return true;
              });
          return found;
        });
  }

  /** Lets go what is too old at this time, and the oldest of what is too much. */
  void prune(Instant now) {
    Map<String, Long> sizes = new LinkedHashMap<>();
    long[] total = {0};
    index.read(
        transaction -> {
          transaction.scanAll(
              traces,
              (key, value) -> {
                sizes.put(
                    StandardCharsets.US_ASCII.decode(key).toString(), (long) value.remaining());
                total[0] += value.remaining();
                return true;
              });
          return true;
        });
    int left = sizes.size();
    for (Map.Entry<String, Long> each : sizes.entrySet()) {
      boolean old = !keep.isZero() && RunIds.time(each.getKey()).isBefore(now.minus(keep));
      if (left == 1 || !(old || total[0] > mostBytes)) {
        return; // all others are younger
      }
      remove(each.getKey());
      total[0] -= each.getValue();
      left--;
    }
  }

  private void remove(String id) {
    index.write(
        transaction -> {
          packed(transaction, id).ifPresent(packed -> removeUses(transaction, packed));
          transaction.delete(traces, ascii(id));
          return transaction.delete(summaries, ascii(id));
        });
  }

  private void removeUses(WriteTransaction transaction, byte[] packed) {
    try {
      Trace trace = unpack(packed);
      trace
          .paths()
          .forEach(path -> transaction.delete(uses, key(trace.root(), path.path(), trace.id())));
    } catch (IOException e) {
      return; // it cannot be read: what leads to it leads nowhere then, which readers allow for
    }
  }

  @Override
  public void close() {
    index.close();
  }
}
