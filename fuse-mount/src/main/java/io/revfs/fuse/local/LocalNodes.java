package io.revfs.fuse.local;

import io.revfs.fuse.Errno;
import io.revfs.fuse.FileNames;
import io.revfs.fuse.FileTree;
import io.revfs.fuse.FuseException;
import io.revfs.fuse.local.NodeMemory.Place;
import java.io.ByteArrayOutputStream;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Where the nodes are that somebody holds: memory is for what is in use, and no descriptor is held
 * for any. Thread-safe; that a place is still right when it is used is the caller's to see to.
 */
final class LocalNodes {
  /** How many other names of a file with several are kept: enough to lose one and have one left. */
  private static final int OTHER_NAMES = 8;

  private static final int DEEPEST = 4096;

  private final ConcurrentHashMap<Long, Held> nodes = new ConcurrentHashMap<>();
  private final NodeMemory memory;

  /**
   * One node.
   *
   * @param place its latest name; null when it has lost all that are known
   * @param others further names of a file with hard links
   */
  private record Held(@Nullable Place place, List<Place> others, long references) {}

  LocalNodes(NodeMemory memory) {
    this.memory = memory;
  }

  /** Counts a lookup that found a node, which has so many hard links, at a place. */
  void found(long node, Place place, int links) {
    Held now =
        nodes.compute(
            node,
            (id, held) -> {
              if (held == null) {
                memory.found(node, place.parent(), place.name());
                return new Held(place, List.of(), 1);
              }
              if (place.equals(held.place())) {
                return new Held(place, held.others(), held.references() + 1);
              }
              memory.found(node, place.parent(), place.name());
              List<Place> others = links > 1 ? with(held.others(), held.place()) : List.of();
              return new Held(place, others, held.references() + 1);
            });
    assert now.references() > 0;
  }

  private static List<Place> with(List<Place> others, @Nullable Place one) {
    if (one == null || others.contains(one) || others.size() >= OTHER_NAMES) {
      return others;
    }
    List<Place> more = new ArrayList<>(others);
    more.add(one);
    return List.copyOf(more);
  }

  private static List<Place> without(List<Place> others, Place one) {
    return others.contains(one) ? others.stream().filter(p -> !p.equals(one)).toList() : others;
  }

  /** A node that was held elsewhere is here now. */
  void adopt(long node, Place place, long references) {
    memory.found(node, place.parent(), place.name());
    nodes.merge(
        node,
        new Held(place, List.of(), references),
        (held, one) -> new Held(place, List.of(), held.references() + references));
  }

  /** Counts a lookup of what has no name. */
  void foundNameless(long node) {
    nodes.merge(
        node,
        new Held(null, List.of(), 1),
        (held, one) -> new Held(held.place(), held.others(), held.references() + 1));
  }

  /** A node lost the name {@code from} and got the name {@code to}. */
  void moved(long node, Place from, Place to) {
    recall(node);
    nodes.computeIfPresent(
        node,
        (id, held) -> {
          memory.found(node, to.parent(), to.name());
          return new Held(to, without(held.others(), from), held.references());
        });
  }

  /** A node lost a name; returns whether it was the last one that is known. */
  boolean lost(long node, Place name) {
    recall(node);
    Held left =
        nodes.computeIfPresent(
            node,
            (id, held) -> {
              List<Place> others = without(held.others(), name);
              if (!name.equals(held.place())) {
                return new Held(held.place(), others, held.references());
              }
              if (others.isEmpty()) {
                return new Held(null, others, held.references());
              }
              Place next = others.getFirst();
              memory.found(node, next.parent(), next.name());
              return new Held(next, without(others, next), held.references());
            });
    return left != null && left.place() == null;
  }

  /** What a process before this one looked up is held from when it is first met again. */
  private void recall(long node) {
    if (!nodes.containsKey(node)) {
      remembered(node).ifPresent(place -> nodes.putIfAbsent(node, new Held(place, List.of(), 0)));
    }
  }

  void forget(long node, long references) {
    Held left =
        nodes.computeIfPresent(
            node,
            (id, held) ->
                held.references() <= references
                    ? null
                    : new Held(held.place(), held.others(), held.references() - references));
    if (left == null) {
      memory.forgotten(node);
    }
  }

  /** Returns whether the kernel has references to a node. */
  boolean isReferenced(long node) {
    return nodes.containsKey(node);
  }

  void forgetAll() {
    nodes.clear();
    memory.delete();
  }

  /** Returns the nodes that the kernel may know, by their directories and names in them. */
  Map<Long, Map<String, Long>> byDirectory() {
    Map<Long, Map<String, Long>> all = new HashMap<>();
    memory.visit((node, parent, name) -> put(all, new Place(parent, name), node));
    nodes.forEach(
        (node, held) -> {
          if (held.place() != null) {
            put(all, held.place(), node);
          }
          held.others().forEach(place -> put(all, place, node));
        });
    all.remove(Nameless.NOWHERE);
    return all;
  }

  private static void put(Map<Long, Map<String, Long>> all, Place place, long node) {
    all.computeIfAbsent(place.parent(), parent -> new HashMap<>()).put(place.name(), node);
  }

  boolean isHeld(long node) {
    return nodes.containsKey(node);
  }

  int size() {
    return nodes.size();
  }

  /** Returns where a node is; empty if it has no name, or none is known. */
  Optional<Place> place(long node) {
    Held held = nodes.get(node);
    return held == null ? remembered(node) : Optional.ofNullable(held.place());
  }

  private Optional<Place> remembered(long node) {
    return memory.find(node).filter(place -> place.parent() != Nameless.NOWHERE);
  }

  /**
   * Returns a directory's path from the root, {@code .} of the root itself.
   *
   * @throws FuseException ESTALE if the number means nothing, ENOENT if it lost its name
   */
  byte[] path(long node) throws FuseException {
    Deque<String> names = names(node);
    if (names.isEmpty()) {
      return new byte[] {'.'};
    }
    ByteArrayOutputStream path = new ByteArrayOutputStream();
    for (String name : names) {
      if (path.size() > 0) {
        path.write('/');
      }
      path.writeBytes(FileNames.encode(name));
    }
    return path.toByteArray();
  }

  /** Returns the names that lead to a node; as {@link #path}. */
  Deque<String> names(long node) throws FuseException {
    Deque<String> names = new ArrayDeque<>();
    for (long at = node; at != FileTree.ROOT; ) {
      Optional<Place> place = place(at);
      if (place.isEmpty()) {
        throw new FuseException(nodes.containsKey(at) ? Errno.ENOENT : Errno.ESTALE, "node " + at);
      }
      names.addFirst(place.get().name());
      at = place.get().parent();
      if (names.size() > DEEPEST) {
        throw new FuseException(Errno.ELOOP, "node " + node);
      }
    }
    return names;
  }
}
