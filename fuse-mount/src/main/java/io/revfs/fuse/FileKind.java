package io.revfs.fuse;

/** What a node is. The values are those of {@code st_mode}'s type bits (POSIX, Linux's stat.h). */
public enum FileKind {
  DIRECTORY(0040000),
  REGULAR(0100000),
  SYMBOLIC_LINK(0120000);

  private final int modeBits;

  FileKind(int modeBits) {
    this.modeBits = modeBits;
  }

  /** Returns the type bits of {@code st_mode}. */
  public int modeBits() {
    return modeBits;
  }
}
