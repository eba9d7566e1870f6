package io.revfs.workspace;

import io.revfs.object.ObjectKey;
import java.nio.file.Path;

/**
 * What a place in the work tree should hold.
 *
 * @param place absolute
 * @param key the file or the directory's manifest
 * @param inside the part of a directory that is meant, by its path from {@code place}; empty: all
 * @param executable whether the owner of a single file may execute it
 */
public record Wanted(Path place, ObjectKey key, String inside, boolean executable) {
  /** Returns where what is meant lies. */
  public Path meant() {
    return at(inside);
  }

  /** Returns where a file lies, by its path from {@code place}; empty for a single file. */
  Path at(String path) {
    return path.isEmpty() ? place : place.resolve(path);
  }

  /** Returns whether a path from {@code place} belongs to what is meant. */
  boolean means(String path) {
    return inside.isEmpty()
        || (path.startsWith(inside)
            && (path.length() == inside.length() || path.charAt(inside.length()) == '/'));
  }
}
