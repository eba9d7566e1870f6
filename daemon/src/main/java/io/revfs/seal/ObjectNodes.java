package io.revfs.seal;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.revfs.object.Digest;
import io.revfs.object.ObjectKey;
import java.io.Closeable;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Optional;

/**
 * Which object a node number stands for. A hash table in a mapped file, since there may be millions
 * and the next process must know them too; what was put in is there after a SIGKILL. Nothing is
 * taken out: a number means its object for as long as the file is. Thread-safe.
 *
 * <p>The file: the number of places (8 bytes, native order, a power of two), how many are taken
 * (8), then places of 48 bytes: node (8; 0: free), algorithm and whether it is a manifest (8),
 * digest (32, zeros at its end). A node lies in the place that its number says or in the next free
 * one.
 */
final class ObjectNodes implements Closeable {
  private static final int HEADER_BYTES = 16;
  private static final int TAKEN = 8;
  private static final int PLACE_BYTES = 48;
  private static final int KIND = 8;
  private static final int DIGEST = 16;
  private static final int MANIFEST_BIT = 0x80;
  private static final long FIRST_PLACES = 1 << 14;
  private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG;

  private final Path file;

  @GuardedBy("this")
  private Arena arena;

  @GuardedBy("this")
  private MemorySegment memory;

  @GuardedBy("this")
  private long places;

  private ObjectNodes(Path file, Arena arena, MemorySegment memory) {
    this.file = file;
    this.arena = arena;
    this.memory = memory;
    this.places = memory.get(LONG, 0);
  }

  /** Begins an empty table. */
  static ObjectNodes fresh(Path file) throws IOException {
    Files.deleteIfExists(file);
    return make(file, FIRST_PLACES);
  }

  private static ObjectNodes make(Path file, long places) throws IOException {
    Arena arena = Arena.ofShared();
    MemorySegment memory = map(file, arena, HEADER_BYTES + places * PLACE_BYTES);
    memory.set(LONG, 0, places);
    return new ObjectNodes(file, arena, memory);
  }

  /** Goes on with another process's. */
  static ObjectNodes restored(Path file) throws IOException {
    long size = Files.exists(file) ? Files.size(file) : 0;
    if (size < HEADER_BYTES) {
      return fresh(file);
    }
    Arena arena = Arena.ofShared();
    MemorySegment memory = map(file, arena, size);
    if (memory.get(LONG, 0) * PLACE_BYTES + HEADER_BYTES != size) {
      arena.close();
      throw new IOException(file + " is damaged");
    }
    return new ObjectNodes(file, arena, memory);
  }

  private static MemorySegment map(Path file, Arena arena, long bytes) throws IOException {
    try (FileChannel channel =
        FileChannel.open(
            file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      return channel.map(FileChannel.MapMode.READ_WRITE, 0, bytes, arena);
    }
  }

  /** Takes note of what a node stands for. */
  synchronized void put(long node, ObjectKey key) throws IOException {
    if (memory.get(LONG, TAKEN) * 2 >= places) {
      grow();
    }
    long at = place(memory, places, node);
    if (memory.get(LONG, at) == node) {
      return;
    }
    byte[] digest = key.digest().toBytes();
    int kind = key.digest().algorithm().code() | (key.manifest() ? MANIFEST_BIT : 0);
    memory.set(LONG, at + KIND, kind);
    MemorySegment.copy(digest, 0, memory, ValueLayout.JAVA_BYTE, at + DIGEST, digest.length);
    memory.set(LONG, at, node); // from here on it counts
    memory.set(LONG, TAKEN, memory.get(LONG, TAKEN) + 1);
  }

  /** Returns the place of a node, or the free one that it would take. */
  private static long place(MemorySegment memory, long places, long node) {
    long place = (node ^ (node >>> 32)) & (places - 1);
    while (true) {
      long at = HEADER_BYTES + place * PLACE_BYTES;
      long there = memory.get(LONG, at);
      if (there == 0 || there == node) {
        return at;
      }
      place = (place + 1) & (places - 1);
    }
  }

  @GuardedBy("this")
  private void grow() throws IOException {
    Path fresh = file.resolveSibling(file.getFileName() + ".new");
    Files.deleteIfExists(fresh);
    ObjectNodes larger = make(fresh, places * 2);
    synchronized (larger) { // nobody else knows it
      for (long i = 0; i < places; i++) {
        long from = HEADER_BYTES + i * PLACE_BYTES;
        long node = memory.get(LONG, from);
        if (node != 0) {
          MemorySegment.copy(
              memory, from, larger.memory, place(larger.memory, larger.places, node), PLACE_BYTES);
        }
      }
      larger.memory.set(LONG, TAKEN, memory.get(LONG, TAKEN));
      Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
      arena.close();
      arena = larger.arena;
      memory = larger.memory;
      places = larger.places;
    }
  }

  /** Returns what a node stands for. */
  synchronized Optional<ObjectKey> get(long node) {
    long at = place(memory, places, node);
    if (memory.get(LONG, at) != node) {
      return Optional.empty();
    }
    int kind = (int) memory.get(LONG, at + KIND);
    Digest.Algorithm algorithm = Digest.Algorithm.ofCode(kind & ~MANIFEST_BIT);
    byte[] digest = new byte[algorithm.bytes()];
    MemorySegment.copy(memory, ValueLayout.JAVA_BYTE, at + DIGEST, digest, 0, digest.length);
    return Optional.of(new ObjectKey(Digest.of(algorithm, digest), (kind & MANIFEST_BIT) != 0));
  }

  @Override
  public synchronized void close() {
    if (arena.scope().isAlive()) {
      arena.close();
    }
  }
}
