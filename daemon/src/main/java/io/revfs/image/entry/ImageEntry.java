package io.revfs.image.entry;

import java.util.List;

/**
 * One name of a directory. Names are bytes: 1 to 255, any but {@code /} and NUL. Arrays are not
 * copied. Permissions are the lower twelve bits of a mode.
 */
public sealed interface ImageEntry {
  byte[] name();

  /** Returns its extended attributes, each name once, overlayfs' own excluded. */
  List<ImageAttribute> attributes();

  /** A directory. */
  record Directory(
      byte[] name, int permissions, List<ImageAttribute> attributes, ImageDirectory content)
      implements ImageEntry {}

  /**
   * A file whose bytes are an object in one of the overlay's data-only layers.
   *
   * @param size of the object in bytes, at most 2^56; readers are told this size. An object of 0
   *     bytes is not looked for.
   * @param object the object's absolute path in those layers, such as {@code /files/md5/ab/cd…}
   */
  record ObjectFile(
      byte[] name, int permissions, List<ImageAttribute> attributes, long size, byte[] object)
      implements ImageEntry {
    private static final long MOST_BYTES = 1L << 56;

    public ObjectFile {
      if (size < 0 || size > MOST_BYTES) {
        throw new IllegalArgumentException("a size of " + size + " bytes");
      }
      if (object.length < 2 || object[0] != '/') {
        throw new IllegalArgumentException("an object's path starts with '/'");
      }
    }
  }

  /** A file whose bytes are in the image. They are in memory while it is written. */
  record InlineFile(byte[] name, int permissions, List<ImageAttribute> attributes, byte[] content)
      implements ImageEntry {}

  /**
   * A symbolic link.
   *
   * @param target 1 to 4,095 bytes
   */
  record SymbolicLink(byte[] name, List<ImageAttribute> attributes, byte[] target)
      implements ImageEntry {
    public SymbolicLink {
      if (target.length == 0 || target.length > 4095) {
        throw new IllegalArgumentException("a link's target has " + target.length + " bytes");
      }
    }
  }
}
