package io.revfs.workspace;

import io.revfs.object.Digest;

/**
 * One file of a tree.
 *
 * @param path relative to the tree's root; empty for a tree that is one file
 * @param mode type and permissions of the file, or of what a symbolic link leads to
 * @param place how the file is there
 */
public record FileEntry(String path, Digest digest, long size, int mode, Place place) {
  /** How a file's bytes are in the work tree. */
  public enum Place {
    /** As a file with one name. */
    OWN,
    /** As a file that has other names. */
    HARD_LINK,
    /** Behind a symbolic link. */
    SYMBOLIC_LINK,
    /** Shown in an attached working copy, and not below. */
    SHOWN
  }

  /** Returns whether anybody may execute it, as DVC asks. */
  public boolean isExecutable() {
    return (mode & 0111) != 0;
  }
}
