package io.revfs.tree;

import java.util.Arrays;

/**
 * Positions in a file by node numbers: open addressing, 32 bytes a node at most, because there may
 * be millions. Node numbers are well mixed already and never 0. Not thread-safe.
 */
final class NodeOffsets {
  private static final int LEAST = 1024;

  private long[] nodes = new long[LEAST];
  private long[] offsets = new long[LEAST];
  private int size;

  /** Sets a node's position; positive means that the node is alive, negative that it is not. */
  void put(long node, long offset) {
    if (size * 2 >= nodes.length) {
      grow();
    }
    int slot = slot(node);
    if (nodes[slot] == 0) {
      nodes[slot] = node;
      size++;
    }
    offsets[slot] = offset;
  }

  private int slot(long node) {
    int slot = (int) (node ^ (node >>> 32)) & (nodes.length - 1);
    while (nodes[slot] != 0 && nodes[slot] != node) {
      slot = (slot + 1) & (nodes.length - 1);
    }
    return slot;
  }

  private void grow() {
    long[] oldNodes = nodes;
    long[] oldOffsets = offsets;
    nodes = new long[oldNodes.length * 2];
    offsets = new long[nodes.length];
    size = 0;
    for (int i = 0; i < oldNodes.length; i++) {
      if (oldNodes[i] != 0) {
        put(oldNodes[i], oldOffsets[i]);
      }
    }
  }

  /** Returns a node's position, 0 if there is none. */
  long get(long node) {
    return offsets[slot(node)];
  }

  /** Returns the positions of the nodes that are alive, in order. */
  long[] alive() {
    long[] sorted = Arrays.stream(offsets).filter(offset -> offset > 0).toArray();
    Arrays.sort(sorted);
    return sorted;
  }
}
