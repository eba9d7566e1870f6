package io.revfs.tree;

import io.revfs.snapshot.Entry;
import io.revfs.snapshot.SnapshotDirectory;

/** What a node of a {@link RevisionTree} is. */
sealed interface Node {
  /** The mount's root. */
  record Root() implements Node {}

  /** {@code branches}, {@code tags}, {@code experiments}, or a directory in one of them. */
  record References(Kind kind, String prefix) implements Node {
    /** Which names. */
    enum Kind {
      BRANCHES("branches"),
      TAGS("tags"),
      EXPERIMENTS("experiments");

      private final String word;

      Kind(String word) {
        this.word = word;
      }

      String word() {
        return word;
      }
    }
  }

  /** {@code commits}. */
  record Commits() implements Node {}

  /** {@code at}. */
  record Expressions() implements Node {}

  /** A link to a commit, where it points is asked each time. */
  record RevisionLink(Target target) implements Node {
    /** Says where a link points, relative to where it lies. */
    @FunctionalInterface
    interface Target {
      String now() throws java.io.IOException, io.revfs.fuse.FuseException;
    }
  }

  /** The root of a commit, or a directory below one. */
  record Tree(String commit, SnapshotDirectory directory, Entry entry) implements Node {}

  /** A regular file; {@code commit}: where this node was first met. */
  record File(String commit, Entry entry) implements Node {}

  /** A symbolic link of Git's. */
  record Link(String commit, Entry entry) implements Node {}
}
