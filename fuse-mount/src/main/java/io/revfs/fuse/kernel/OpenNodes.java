package io.revfs.fuse.kernel;

import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** The open nodes of a session. Thread-safe; a change of one node is the caller's to serialize. */
final class OpenNodes {
  private final ConcurrentHashMap<Long, State> states = new ConcurrentHashMap<>();

  /**
   * One node.
   *
   * @param backingId the kernel's number for the file it reads by itself, or 0
   * @param opens how many opens are not closed yet
   */
  record State(int backingId, int opens) {}

  @Nullable State get(long node) {
    return states.get(node);
  }

  void put(long node, int backingId, int opens) {
    states.put(node, new State(backingId, opens));
  }

  void remove(long node) {
    states.remove(node);
  }

  int size() {
    return states.size();
  }
}
