package io.revfs.fuse.kernel;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.io.IOException;
import java.nio.ByteOrder;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The open nodes of a session, in memory and, where the session is to outlive this process, in a
 * mapped file: what is stored there is there after a SIGKILL. Thread-safe; a change of one node is
 * the caller's to serialize.
 *
 * <p>The file is a sequence of slots of 16 bytes, big-endian: node (0: free), backing id, opens
 * with the highest bit for {@link #setMappable}. A kill between two stores of one change leaves at
 * most one open too many counted, never one too few: a backing file may be kept too long, never
 * given back too early.
 */
final class OpenNodes implements AutoCloseable {
  private static final int SLOT_BYTES = 16;
  private static final int BACKING = 8;
  private static final int OPENS = 12;
  private static final int PART_SLOTS = 4096;
  private static final int MAPPABLE = 1 << 31;

  @GuardedBy("this")
  private final Map<Long, State> states = new HashMap<>();

  @GuardedBy("this")
  private final List<MappedByteBuffer> parts = new ArrayList<>();

  @GuardedBy("this")
  private final Deque<Integer> free = new ArrayDeque<>();

  private final @Nullable FileChannel channel;

  /**
   * One node.
   *
   * @param backingId the kernel's number for the file it reads by itself, or 0
   * @param opens how many opens are not closed yet; 0 only where it may be mapped all the same
   * @param mappable as {@link #setMappable} said
   * @param slot where it lies in the file
   */
  record State(int backingId, int opens, boolean mappable, int slot) {
    private boolean isEmpty() {
      return opens == 0 && !mappable;
    }
  }

  private OpenNodes(@Nullable FileChannel channel) {
    this.channel = channel;
  }

  /** Nothing is open; without a file if none is given. */
  static OpenNodes fresh(@Nullable Path file) throws IOException {
    if (file == null) {
      return new OpenNodes(null);
    }
    Files.createDirectories(file.toAbsolutePath().resolveSibling(""));
    return new OpenNodes(
        FileChannel.open(
            file,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.READ,
            StandardOpenOption.WRITE));
  }

  /** What another process left in a file. */
  static OpenNodes restored(Path file) throws IOException {
    OpenNodes nodes =
        new OpenNodes(
            FileChannel.open(
                file,
                StandardOpenOption.CREATE,
                StandardOpenOption.READ,
                StandardOpenOption.WRITE));
    nodes.load();
    return nodes;
  }

  private synchronized void load() throws IOException {
    if (channel == null) {
      return;
    }
    int count = (int) (channel.size() / ((long) PART_SLOTS * SLOT_BYTES));
    for (int i = 0; i < count; i++) {
      MappedByteBuffer part = addPart(channel);
      for (int slot = 0; slot < PART_SLOTS; slot++) {
        int at = slot * SLOT_BYTES;
        long node = part.getLong(at);
        if (node != 0) {
          int number = i * PART_SLOTS + slot;
          free.remove(number);
          int opens = part.getInt(at + OPENS);
          boolean mappable = (opens & MAPPABLE) != 0;
          states.put(
              node, new State(part.getInt(at + BACKING), opens & ~MAPPABLE, mappable, number));
        }
      }
    }
  }

  @GuardedBy("this")
  private MappedByteBuffer addPart(FileChannel file) throws IOException {
    long bytes = (long) PART_SLOTS * SLOT_BYTES;
    MappedByteBuffer part = file.map(FileChannel.MapMode.READ_WRITE, parts.size() * bytes, bytes);
    part.order(ByteOrder.BIG_ENDIAN);
    for (int slot = 0; slot < PART_SLOTS; slot++) {
      free.add(parts.size() * PART_SLOTS + slot);
    }
    parts.add(part);
    return part;
  }

  /** Returns the state of a node that is open. */
  synchronized @Nullable State get(long node) {
    State state = states.get(node);
    return state == null || state.opens() == 0 ? null : state;
  }

  /** Stores how a node is open; the file has it when this returns. */
  synchronized void put(long node, int backingId, int opens) {
    State before = states.get(node);
    store(node, backingId, opens, before != null && before.mappable());
  }

  /** Says whether somebody may have a node mapped to write, also when it is not open any more. */
  synchronized void setMappable(long node, boolean mappable) {
    State before = states.get(node);
    store(
        node,
        before == null ? 0 : before.backingId(),
        before == null ? 0 : before.opens(),
        mappable);
  }

  /** Returns the nodes of which {@link #setMappable} said so. */
  synchronized List<Long> mappable() {
    return states.entrySet().stream()
        .filter(entry -> entry.getValue().mappable())
        .map(Map.Entry::getKey)
        .toList();
  }

  @GuardedBy("this")
  private void store(long node, int backingId, int opens, boolean mappable) {
    State before = states.get(node);
    State now = new State(backingId, opens, mappable, before == null ? -1 : before.slot());
    if (now.isEmpty()) {
      free(node);
      return;
    }
    int slot = before == null ? newSlot() : before.slot();
    states.put(node, new State(backingId, opens, mappable, slot));
    if (slot >= 0) {
      MappedByteBuffer part = parts.get(slot / PART_SLOTS);
      int at = slot % PART_SLOTS * SLOT_BYTES;
      int counted = mappable ? opens | MAPPABLE : opens;
      if (opens == 0) {
        part.putInt(at + OPENS, counted); // first: else one open is left that is served for ever
      }
      part.putInt(at + BACKING, backingId);
      part.putInt(at + OPENS, counted);
      part.putLong(at, node); // last: from here on the slot counts
    }
  }

  @GuardedBy("this")
  private int newSlot() {
    if (channel == null) {
      return -1;
    }
    if (free.isEmpty()) {
      try {
        addPart(channel);
      } catch (IOException e) {
        return -1; // a full disk: this node is not known after a crash, all else goes on
      }
    }
    return free.remove();
  }

  /** A node is not open any more. */
  void remove(long node) {
    put(node, 0, 0);
  }

  @GuardedBy("this")
  private void free(long node) {
    State state = states.remove(node);
    if (state != null && state.slot() >= 0) {
      parts.get(state.slot() / PART_SLOTS).putLong(state.slot() % PART_SLOTS * SLOT_BYTES, 0);
      free.add(state.slot());
    }
  }

  synchronized int size() {
    return states.size();
  }

  @Override
  public void close() throws IOException {
    if (channel != null) {
      channel.close();
    }
  }
}
