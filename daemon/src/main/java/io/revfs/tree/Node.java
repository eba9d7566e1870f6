package io.revfs.tree;

import io.revfs.snapshot.Entry;
import io.revfs.snapshot.SnapshotDirectory;

/** What a node of a {@link RevisionTree} is. */
sealed interface Node {
  /** A directory above the commits. */
  sealed interface Above extends Node {}

  /** The mount's root. */
  record Root() implements Above {}

  /** {@code branches}, {@code tags}, {@code experiments}, or a directory in one of them. */
  record References(Kind kind, String prefix) implements Above {
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
  record Commits() implements Above {}

  /** {@code at}. */
  record Expressions() implements Above {}

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
