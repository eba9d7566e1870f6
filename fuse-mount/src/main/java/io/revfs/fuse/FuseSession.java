package io.revfs.fuse;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;

/** The running connection that serves a {@link FileTree} at a mount point. Thread-safe. */
public interface FuseSession extends Closeable {
  /** Returns the mount point, absolute. */
  Path mountPoint();

  /** Returns how the mount is served, in words for people. */
  String backend();

  /**
   * Returns the descriptors that keep the mount alive, and what another process must know that has
   * them; empty if the session ends with this process.
   */
  default Optional<Survival> survival() {
    return Optional.empty();
  }

  /**
   * What lets a session outlive its process.
   *
   * @param descriptors numbers of open files of this process, the first one first
   */
  record Survival(SessionState state, List<Integer> descriptors) {}

  /**
   * Makes the kernel forget what it knows of one name of a directory, so its next use is a lookup;
   * what is open stays open. Not to be called by a tree from within a request.
   */
  void invalidateEntry(long parent, String name);

  /** Makes the kernel forget a node's attributes, bytes or listing. As {@link #invalidateEntry}. */
  void invalidateInode(long node);

  /** Closes local files that the session keeps open for reads that may come. */
  default void closeIdleFiles() {}

  /** Completes when the mount is gone, whoever took it away; exceptionally if serving broke. */
  CompletionStage<Void> ended();

  /**
   * Takes the mount away. With {@code lazy} it leaves the name space at once, and files still open
   * go on being served until they are closed.
   *
   * @throws IOException if it is busy and {@code lazy} is false; the message names the way out
   */
  void unmount(boolean lazy) throws IOException;

  /** Unmounts lazily; waits until open files are closed or a short time has passed. */
  @Override
  void close() throws IOException;
}
