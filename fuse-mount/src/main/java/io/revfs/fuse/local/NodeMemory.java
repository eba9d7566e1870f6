package io.revfs.fuse.local;

import java.util.Optional;

/**
 * Remembers where nodes are, so that a process that goes on with another's session finds them
 * again. Thread-safe; never fails: what cannot be remembered is not known to the next process.
 */
public interface NodeMemory {
  /** Remembers nothing: of a session that ends with its process. */
  NodeMemory NONE =
      new NodeMemory() {
        @Override
        public void found(long node, long parent, String name) {}

        @Override
        public void forgotten(long node) {}

        @Override
        public Optional<Place> find(long node) {
          return Optional.empty();
        }

        @Override
        public void delete() {}
      };

  /** Passes all nodes that the kernel still knows. */
  default void visit(Visitor visitor) {}

  /** Takes nodes. */
  @FunctionalInterface
  interface Visitor {
    void visit(long node, long parent, String name);
  }

  /** A node is at a place, and no longer where it was before. */
  void found(long node, long parent, String name);

  /** The kernel does not know a node any more. */
  void forgotten(long node);

  /** Returns where a node was last. */
  Optional<Place> find(long node);

  /** Returns whether a process before this one served the session. */
  default boolean isInherited() {
    return false;
  }

  /** Forgets all: the session is over. */
  void delete();

  /** A name in a directory; in the directory 0, in place of a name, what {@link Nameless} says. */
  record Place(long parent, String name) {}
}
