package io.revfs.snapshot;

import io.revfs.fuse.FileKind;
import io.revfs.fuse.FileNames;
import io.revfs.image.DirectorySize;
import java.io.IOException;
import java.util.Optional;

/**
 * A directory of a snapshot. Immutable, thread-safe. May block on the network when its listing is
 * not here yet, and then fails with the exceptions of {@link io.revfs.object}.
 */
public interface SnapshotDirectory {
  /**
   * Returns whether {@link #find}, {@link #list} and {@link #size} answer without waiting for
   * anything slow.
   */
  default boolean isReady() throws IOException {
    return true;
  }

  /** Returns the entry of a name. */
  Optional<Entry> find(String name) throws IOException;

  /**
   * Passes entries from {@code position} on, sorted by the bytes of their names, until the visitor
   * returns false.
   *
   * @param position how many entries to pass over
   */
  void list(long position, Visitor visitor) throws IOException;

  /**
   * As {@link #list}, for who wants names only: of a directory of a million files each name costs
   * no more than its bytes.
   */
  default void listNames(long position, NameVisitor visitor) throws IOException {
    list(
        position,
        entry ->
            visitor.visit(FileNames.encode(entry.name()), entry.kind(), NodeIds.content(entry)));
  }

  /** Returns what {@code stat} shows of the directory, the same as where it lies in an image. */
  default DirectorySize size() throws IOException {
    DirectorySize.Counter counter = new DirectorySize.Counter();
    listNames(
        0,
        (name, kind, node) -> {
          counter.add(name, kind.shownAs() == FileKind.DIRECTORY);
          return true;
        });
    return counter.end();
  }

  /** Takes names. */
  @FunctionalInterface
  interface NameVisitor {
    /**
     * Returns whether to go on.
     *
     * @param node the number of the node that stands for a file's content, 0 if its number comes
     *     from its place
     */
    boolean visit(byte[] name, Entry.Kind kind, long node) throws IOException;
  }

  /** Takes entries. */
  @FunctionalInterface
  interface Visitor {
    /** Returns whether to go on. */
    boolean visit(Entry entry) throws IOException;
  }
}
