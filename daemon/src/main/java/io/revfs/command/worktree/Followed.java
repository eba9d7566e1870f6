package io.revfs.command.worktree;

import io.revfs.reach.Passages;
import java.io.IOException;
import java.nio.file.FileSystemLoopException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/**
 * Follows symbolic links step by step, so that none leads this process into a mount that it serves
 * itself: it would wait for its own answer. For one thread.
 */
final class Followed {
  private static final int MOST_LINKS = 40;

  private final Mounts mounts;

  /** Where directories really are, by how they were named. */
  private final Map<Path, Path> directories = new HashMap<>();

  /** Says what no process may read that serves it. */
  @FunctionalInterface
  interface Mounts {
    /** Returns whether a path is in a mount of this process's. */
    boolean has(String path) throws IOException;
  }

  /** A link leads into a mount; the message says where. */
  static final class IntoMountException extends IOException {
    private static final long serialVersionUID = 1L;

    IntoMountException(String place) {
      super(place);
    }
  }

  Followed(Mounts mounts) {
    this.mounts = mounts;
  }

  /**
   * Returns where a path leads, be something there or not.
   *
   * @param path absolute, as people have it
   * @throws IntoMountException if that is in a mount, or on the way there
   * @throws FileSystemLoopException if there is no end
   */
  Path from(Path path) throws IOException {
    return from(path, 0);
  }

  private Path from(Path path, int links) throws IOException {
    Path parent = path.getParent();
    Path name = path.getFileName();
    if (parent == null || name == null) {
      return path;
    }
    Path real = directories.get(parent);
    if (real == null) {
      real = from(parent, links);
      directories.put(parent, real);
    }
    if (name.toString().equals("..")) {
      Path above = real.getParent();
      return above == null ? real : above;
    }
    Path at = name.toString().equals(".") ? real : real.resolve(name);
    if (mounts.has(at.toString())) {
      throw new IntoMountException(at.toString());
    }
    Path below = Passages.below(at);
    if (!Files.isSymbolicLink(below)) {
      return at;
    }
    if (links >= MOST_LINKS) {
      throw new FileSystemLoopException(path.toString());
    }
    return from(real.resolve(Files.readSymbolicLink(below)), links + 1);
  }
}
