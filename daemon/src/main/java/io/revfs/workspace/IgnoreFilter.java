package io.revfs.workspace;

import io.revfs.workspace.store.Names;
import java.io.IOException;
import java.nio.file.Path;

/** Says what of a tree is not looked at: {@code .dvcignore} and what DVC ignores always. */
@FunctionalInterface
public interface IgnoreFilter {
  /** Ignores nothing. */
  IgnoreFilter NOTHING = directory -> (name, isDirectory) -> false;

  /**
   * Returns the filter for the names in a directory (absolute), which itself is not ignored.
   *
   * @throws IOException if its rules cannot be read
   */
  Names in(Path directory) throws IOException;

  /** What is ignored among the names in one directory. */
  @FunctionalInterface
  interface Names {
    /** Returns whether nothing is seen of a name. */
    boolean ignores(String name, boolean isDirectory) throws IOException;
  }
}
