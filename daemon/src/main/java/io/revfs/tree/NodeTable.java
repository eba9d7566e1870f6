package io.revfs.tree;

import io.revfs.fuse.local.NodeMemory;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The nodes somebody holds: a number counts its lookups, and is forgotten when all are given back,
 * so memory is for what is in use and not for what was ever seen. Thread-safe.
 */
final class NodeTable {
  private final ConcurrentHashMap<Long, Held> nodes = new ConcurrentHashMap<>();
  private final @Nullable NodeJournal journal;

  private record Held(Node node, long references) {}

  /** {@code journal}: where to note nodes, if they are to be known to another process. */
  NodeTable(@Nullable NodeJournal journal) {
    this.journal = journal;
  }

  /**
   * Adds a reference to the node found as {@code name} in {@code parent}; one that is there already
   * stays the one it is.
   */
  void hold(long id, Node node, long parent, String name) {
    Held now =
        nodes.compute(
            id,
            (k, held) ->
                held == null ? new Held(node, 1) : new Held(held.node(), held.references() + 1));
    if (now.references() == 1 && journal != null) {
      journal.found(id, parent, name);
    }
  }

  void forget(long id, long references) {
    Held left =
        nodes.computeIfPresent(
            id,
            (k, held) ->
                held.references() <= references
                    ? null
                    : new Held(held.node(), held.references() - references));
    if (left == null && journal != null) {
      journal.forgotten(id);
    }
  }

  void forgetAll() {
    nodes.clear();
    if (journal != null) {
      journal.delete();
    }
  }

  /** Returns a node that is held. */
  Optional<Node> find(long id) {
    Held held = nodes.get(id);
    return held == null ? Optional.empty() : Optional.of(held.node());
  }

  /** Returns where a node that is not held was found once. */
  Optional<NodeMemory.Place> place(long id) {
    return journal == null ? Optional.empty() : journal.find(id);
  }

  /** Returns the names in a directory of nodes that a process before this one held, and others. */
  Set<String> namesBefore(long parent) {
    return journal == null || !journal.isInherited() ? Set.of() : journal.namesIn(parent);
  }

  int size() {
    return nodes.size();
  }
}
