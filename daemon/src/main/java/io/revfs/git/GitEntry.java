package io.revfs.git;

/**
 * An entry of a Git tree.
 *
 * @param name as {@link io.revfs.fuse.FileNames} decodes it
 * @param id the object's id, 40 hexadecimal digits
 */
public record GitEntry(String name, Kind kind, String id) {
  /** What an entry is. */
  public enum Kind {
    FILE,
    EXECUTABLE,
    SYMBOLIC_LINK,
    TREE,
    SUBMODULE
  }
}
