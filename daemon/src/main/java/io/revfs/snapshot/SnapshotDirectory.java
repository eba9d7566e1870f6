package io.revfs.snapshot;

import java.io.IOException;
import java.util.Optional;

/**
 * A directory of a snapshot. Immutable, thread-safe. May block on the network when its listing is
 * not here yet, and then fails with the exceptions of {@link io.revfs.object}.
 */
public interface SnapshotDirectory {
  /** Returns whether {@link #find} and {@link #list} answer without waiting for anything slow. */
  default boolean isReady() throws IOException {
    return true;
  }

  /** Returns the entry of a name. */
  Optional<Entry> find(String name) throws IOException;

  /**
   * Passes entries from {@code position} on, sorted by the bytes of their names, until the visitor
   * returns false.
   *
   * @param position how many entries to pass over
   */
  void list(long position, Visitor visitor) throws IOException;

  /** Takes entries. */
  @FunctionalInterface
  interface Visitor {
    /** Returns whether to go on. */
    boolean visit(Entry entry) throws IOException;
  }
}
