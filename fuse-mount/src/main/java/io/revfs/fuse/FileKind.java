package io.revfs.fuse;

/** What a node is. The values are those of {@code st_mode}'s type bits (POSIX, Linux's stat.h). */
public enum FileKind {
  DIRECTORY(0040000),
  REGULAR(0100000),
  SYMBOLIC_LINK(0120000),
  PIPE(0010000),
  SOCKET(0140000),
  CHARACTER_DEVICE(0020000),
  BLOCK_DEVICE(0060000);

  /** The bits of {@code st_mode} that say what a file is. */
  public static final int MODE_BITS = 0170000;

  private static final FileKind[] ALL = values();

  private final int modeBits;

  FileKind(int modeBits) {
    this.modeBits = modeBits;
  }

  /** Returns the type bits of {@code st_mode}. */
  public int modeBits() {
    return modeBits;
  }

  /** Returns the kind that a whole {@code st_mode} says; what no Linux has counts as regular. */
  public static FileKind of(int mode) {
    for (FileKind kind : ALL) {
      if (kind.modeBits == (mode & MODE_BITS)) {
        return kind;
      }
    }
    return REGULAR;
  }

  /** Returns {@code d_type} of dirent.h. */
  public int entryType() {
    return modeBits >> 12;
  }
}
