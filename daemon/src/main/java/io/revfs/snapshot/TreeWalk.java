package io.revfs.snapshot;

import io.revfs.fuse.FileNames;
import io.revfs.object.ObjectCorruptException;
import io.revfs.object.ObjectMissingException;
import io.revfs.object.SourceUnreachableException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Comparator;
import java.util.PriorityQueue;

/** Everything below a directory of a snapshot, sorted by path as DVC sorts it. */
public final class TreeWalk {
  private TreeWalk() {}

  /** Takes what is found. */
  @FunctionalInterface
  public interface Visitor {
    /** Takes an entry that is no directory, or a submodule; {@code path} is from the start. */
    void visit(String path, Entry entry) throws IOException;
  }

  /** Takes directories that cannot be read. */
  @FunctionalInterface
  public interface FailureVisitor {
    void visit(String path, IOException failure) throws IOException;
  }

  /** Passes all files below a directory. */
  public static void files(SnapshotDirectory directory, Visitor visitor) throws IOException {
    readableFiles(
        directory,
        visitor,
        (path, failure) -> {
          throw failure;
        });
  }

  /** Passes all files below a directory; what cannot be read below it is told, and passed over. */
  public static void readableFiles(
      SnapshotDirectory directory, Visitor visitor, FailureVisitor unreadable) throws IOException {
    walk(directory, "", visitor, unreadable);
  }

  // A directory lists by name, and a path sorts as if the directory's name ended in a slash: what
  // stands between the two ("a.txt" between "a" and "a/b") is passed first.
  private static void walk(
      SnapshotDirectory directory, String prefix, Visitor visitor, FailureVisitor unreadable)
      throws IOException {
    PriorityQueue<Entry> waiting =
        new PriorityQueue<>(Comparator.comparing(entry -> sortKey(entry.name() + "/")));
    directory.list(
        0,
        entry -> {
          while (!waiting.isEmpty()
              && sortKey(waiting.element().name() + "/").compareTo(sortKey(entry.name())) < 0) {
            descend(waiting.remove(), prefix, visitor, unreadable);
          }
          if (entry.directory().isPresent()) {
            waiting.add(entry);
          } else {
            visitor.visit(prefix + entry.name(), entry);
          }
          return true;
        });
    while (!waiting.isEmpty()) {
      descend(waiting.remove(), prefix, visitor, unreadable);
    }
  }

  /** Compares paths as DVC sorts them, by code points. */
  public static int compare(String a, String b) {
    return sortKey(a).compareTo(sortKey(b));
  }

  /** As bytes, which for UTF-8 is as code points; Java's own order puts emoji too early. */
  private static ByteBuffer sortKey(String name) {
    byte[] bytes = FileNames.encode(name);
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] ^= (byte) 0x80; // buffers compare bytes as signed numbers
    }
    return ByteBuffer.wrap(bytes);
  }

  private static void descend(
      Entry entry, String prefix, Visitor visitor, FailureVisitor unreadable) throws IOException {
    try {
      walk(entry.directory().orElseThrow(), prefix + entry.name() + "/", visitor, unreadable);
    } catch (UnreadableOutputException
        | ObjectMissingException
        | ObjectCorruptException
        | SourceUnreachableException e) {
      unreadable.visit(prefix + entry.name(), e);
    }
  }
}
