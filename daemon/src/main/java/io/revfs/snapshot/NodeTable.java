package io.revfs.snapshot;

import io.revfs.fuse.Errno;
import io.revfs.fuse.FuseException;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The nodes somebody holds: a number counts its lookups, and is forgotten when all are given back,
 * so memory is for what is in use and not for what was ever seen. Thread-safe.
 */
final class NodeTable {
  private final ConcurrentHashMap<Long, Held> nodes = new ConcurrentHashMap<>();

  private record Held(Node node, long references) {}

  /** Adds a reference; a node that is there already stays the one it is. */
  void hold(long id, Node node) {
    nodes.compute(
        id,
        (k, held) ->
            held == null ? new Held(node, 1) : new Held(held.node(), held.references() + 1));
  }

  void forget(long id, long references) {
    nodes.computeIfPresent(
        id,
        (k, held) ->
            held.references() <= references
                ? null
                : new Held(held.node(), held.references() - references));
  }

  Optional<Node> find(long id) {
    return Optional.ofNullable(nodes.get(id)).map(Held::node);
  }

  Node get(long id) throws FuseException {
    Held held = nodes.get(id);
    if (held == null) {
      throw new FuseException(Errno.ESTALE, "node " + id);
    }
    return held.node();
  }

  void forgetAll() {
    nodes.clear();
  }

  int size() {
    return nodes.size();
  }
}
