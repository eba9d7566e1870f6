package io.revfs.workingcopy;

import io.revfs.fuse.local.NodeMemory;
import io.revfs.snapshot.Entry;
import io.revfs.snapshot.NodeIds;
import io.revfs.workingcopy.output.Shown;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The shown nodes that the kernel knows. Numbers come from the place and, of files, from what they
 * hold: a file that holds something else is another node, a directory stays the one it is.
 * Thread-safe.
 */
final class ShownNodes {
  private final ConcurrentHashMap<Long, Held> nodes = new ConcurrentHashMap<>();
  private final NodeMemory memory;

  /**
   * A node that somebody holds.
   *
   * @param parent the node of its directory, as the kernel knows that
   */
  record Held(long node, long parent, List<String> path, Optional<Entry> entry, long references) {
    String name() {
      return path.getLast();
    }
  }

  ShownNodes(NodeMemory memory) {
    this.memory = memory;
  }

  /** Returns the number of the node that shows something. */
  static long number(Shown shown) {
    long at = NodeIds.child(1, String.join("/", shown.path()));
    if (shown.isDirectory()) {
      return at;
    }
    return NodeIds.child(at, shown.entry().map(NodeIds::content).orElse(0L) + "");
  }

  /** Counts a lookup. */
  void found(long node, long parent, Shown shown) {
    Held now =
        nodes.merge(
            node,
            new Held(node, parent, shown.path(), shown.entry(), 1),
            (held, one) ->
                new Held(node, parent, held.path(), held.entry(), held.references() + 1));
    if (now.references() == 1) {
      memory.found(node, parent, now.name());
    }
  }

  Optional<Held> find(long node) {
    return Optional.ofNullable(nodes.get(node));
  }

  /** Returns whether it was known, and gives references back if so. */
  boolean forget(long node, long references) {
    Held held = nodes.get(node);
    if (held == null) {
      return false;
    }
    Held left =
        nodes.computeIfPresent(
            node,
            (id, one) ->
                one.references() <= references
                    ? null
                    : new Held(
                        one.node(),
                        one.parent(),
                        one.path(),
                        one.entry(),
                        one.references() - references));
    if (left == null) {
      memory.forgotten(node);
    }
    return true;
  }

  /** A directory came to be below: it is not a shown one any more. */
  void drop(long node) {
    nodes.remove(node);
  }

  /** Returns those at a path and below it. */
  List<Held> inside(List<String> path) {
    List<Held> inside = new ArrayList<>();
    for (Held held : nodes.values()) {
      if (held.path().size() >= path.size() && held.path().subList(0, path.size()).equals(path)) {
        inside.add(held);
      }
    }
    return inside;
  }

  /** Returns all, those nearer to the root first. */
  List<Held> all() {
    return nodes.values().stream()
        .sorted(java.util.Comparator.comparingInt((Held held) -> held.path().size()))
        .toList();
  }

  void forgetAll() {
    nodes.clear();
  }
}
