package io.revfs.tree;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.revfs.fuse.FileNames;
import io.revfs.fuse.local.NodeMemory;
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
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Remembers how nodes were found (in which directory, under which name), so that a process that
 * goes on with the sessions of another finds them again. A mapped file: what is appended is there
 * after a SIGKILL; it says nothing after a restart of the machine, when no session is left either.
 * Thread-safe.
 *
 * <p>The file: the end's position (8 bytes, native order), then records: node, parent (8 each), the
 * name's length (2; -1 for a node that was forgotten), the name's bytes.
 */
public final class NodeJournal implements NodeMemory, Closeable {
  private static final Logger log = LoggerFactory.getLogger(NodeJournal.class);
  private static final int HEADER_BYTES = 8;
  private static final int FIXED_BYTES = 18;
  private static final long STEP_BYTES = 4L << 20;
  private static final long LEAST_DEAD = 200_000;
  private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED;
  private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED;

  private final Path file;
  private final boolean inherited;

  @GuardedBy("this")
  private Mapped mapped;

  @GuardedBy("this")
  private long live;

  @GuardedBy("this")
  private long dead;

  /** What another process wrote; read when it is first asked for. */
  @GuardedBy("this")
  private @Nullable NodeOffsets places;

  @GuardedBy("this")
  private boolean broken;

  private record Mapped(Arena arena, MemorySegment memory) {}

  private NodeJournal(Path file, Mapped mapped, boolean inherited) {
    this.file = file;
    this.inherited = inherited;
    this.mapped = mapped;
  }

  /** Begins an empty journal. */
  public static NodeJournal fresh(Path file) throws IOException {
    Files.createDirectories(file.toAbsolutePath().resolveSibling(""));
    Files.deleteIfExists(file);
    Mapped mapped = map(file, STEP_BYTES);
    mapped.memory.set(LONG, 0, HEADER_BYTES);
    return new NodeJournal(file, mapped, false);
  }

  /** Goes on with another process's. */
  public static NodeJournal restored(Path file) throws IOException {
    long size = Files.exists(file) ? Files.size(file) : 0;
    Mapped mapped = map(file, Math.max(STEP_BYTES, size));
    if (mapped.memory.get(LONG, 0) < HEADER_BYTES) {
      mapped.memory.set(LONG, 0, HEADER_BYTES);
    }
    return new NodeJournal(file, mapped, true);
  }

  private static Mapped map(Path file, long bytes) throws IOException {
    try (FileChannel channel =
        FileChannel.open(
            file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      Arena arena = Arena.ofShared();
      return new Mapped(arena, channel.map(FileChannel.MapMode.READ_WRITE, 0, bytes, arena));
    }
  }

  @Override
  public synchronized void found(long node, long parent, String name) {
    live++;
    append(node, parent, FileNames.encode(name));
  }

  @Override
  public synchronized void forgotten(long node) {
    live = Math.max(0, live - 1);
    dead++;
    append(node, 0, null);
    if (dead > live + LEAST_DEAD) {
      compact();
    }
  }

  @GuardedBy("this")
  private void append(long node, long parent, byte @Nullable [] name) {
    if (broken) {
      return;
    }
    int length = name == null ? 0 : name.length;
    long at = mapped.memory.get(LONG, 0);
    if (at + FIXED_BYTES + length > mapped.memory.byteSize()) {
      try {
        Mapped larger = map(file, mapped.memory.byteSize() + STEP_BYTES);
        mapped.arena.close();
        mapped = larger;
      } catch (IOException e) {
        log.warn("{} cannot grow ({}); what is looked up now is not known after a crash", file, e);
        broken = true;
        return;
      }
    }
    MemorySegment memory = mapped.memory;
    memory.set(LONG, at, node);
    memory.set(LONG, at + 8, parent);
    memory.set(SHORT, at + 16, (short) (name == null ? -1 : length));
    if (name != null) {
      MemorySegment.copy(name, 0, memory, ValueLayout.JAVA_BYTE, at + FIXED_BYTES, length);
    }
    memory.set(LONG, 0, at + FIXED_BYTES + length); // last: from here on the record counts
  }

  /** Finds the latest record of every node; of those forgotten the position is negative. */
  private static NodeOffsets index(MemorySegment memory) {
    NodeOffsets offsets = new NodeOffsets();
    long end = Math.min(memory.get(LONG, 0), memory.byteSize());
    long at = HEADER_BYTES;
    while (at + FIXED_BYTES <= end) {
      long node = memory.get(LONG, at);
      int length = memory.get(SHORT, at + 16);
      offsets.put(node, length < 0 ? -Math.abs(offsets.get(node)) : at);
      at += FIXED_BYTES + Math.max(0, length);
    }
    return offsets;
  }

  private static Place place(MemorySegment memory, long at) {
    byte[] name = new byte[memory.get(SHORT, at + 16)];
    MemorySegment.copy(memory, ValueLayout.JAVA_BYTE, at + FIXED_BYTES, name, 0, name.length);
    return new Place(memory.get(LONG, at + 8), FileNames.decode(name));
  }

  @Override
  public synchronized Optional<Place> find(long node) {
    if (broken) {
      return Optional.empty();
    }
    NodeOffsets known = places;
    if (known == null) {
      known = index(mapped.memory);
      places = known;
    }
    long at = Math.abs(known.get(node));
    return at == 0 ? Optional.empty() : Optional.of(place(mapped.memory, at));
  }

  @Override
  public boolean isInherited() {
    return inherited;
  }

  @Override
  public synchronized void visit(Visitor visitor) {
    if (broken) {
      return;
    }
    for (long at : index(mapped.memory).alive()) {
      Place place = place(mapped.memory, at);
      visitor.visit(mapped.memory.get(LONG, at), place.parent(), place.name());
    }
  }

  /** Returns the names in a directory of all nodes that were ever noted. */
  synchronized Set<String> namesIn(long parent) {
    Set<String> names = new HashSet<>();
    if (broken) {
      return names;
    }
    long end = Math.min(mapped.memory.get(LONG, 0), mapped.memory.byteSize());
    long at = HEADER_BYTES;
    while (at + FIXED_BYTES <= end) {
      int length = mapped.memory.get(SHORT, at + 16);
      if (length >= 0 && mapped.memory.get(LONG, at + 8) == parent) {
        names.add(place(mapped.memory, at).name());
      }
      at += FIXED_BYTES + Math.max(0, length);
    }
    return names;
  }

  /** Writes the records of nodes that are not forgotten, and of the directories above them. */
  @GuardedBy("this")
  private void compact() {
    NodeOffsets offsets = index(mapped.memory);
    Path fresh = file.resolveSibling(file.getFileName() + ".new");
    try (NodeJournal next = fresh(fresh)) {
      NodeOffsets written = new NodeOffsets();
      long count = 0;
      for (long alive : offsets.alive()) {
        for (long at = alive; at != 0; ) {
          long node = mapped.memory.get(LONG, at);
          if (written.get(node) != 0) {
            break;
          }
          written.put(node, at);
          Place place = place(mapped.memory, at);
          next.found(node, place.parent(), place.name());
          count++;
          at = Math.abs(offsets.get(place.parent()));
        }
      }
      if (next.isBroken()) {
        return;
      }
      Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
      Mapped renamed = map(file, Files.size(file));
      mapped.arena.close();
      mapped = renamed;
      live = count;
      dead = 0;
      places = null;
    } catch (IOException e) {
      log.warn("{} cannot be made smaller: {}", file, e.toString());
      dead = 0;
    }
  }

  private synchronized boolean isBroken() {
    return broken;
  }

  @Override
  public synchronized void close() {
    broken = true;
    if (mapped.arena.scope().isAlive()) {
      mapped.arena.close();
    }
  }

  @Override
  public void delete() {
    close();
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      log.debug("{}: {}", file, e.toString());
    }
  }
}
