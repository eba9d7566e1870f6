package io.revfs.image;

import java.io.IOException;

/**
 * Numbers of the EROFS format, named as in the kernel's {@code fs/erofs/erofs_fs.h}. All numbers on
 * disk are little-endian.
 */
final class Format {
  static final int BLOCK_BITS = 12;
  static final int BLOCK = 1 << BLOCK_BITS;

  /** Inodes start at multiples of this; a node's number is its place divided by it. */
  static final int SLOT = 32;

  static final int SUPER_OFFSET = 1024;
  static final int SUPER_BYTES = 128;
  static final int SUPER_MAGIC = 0xE0F5E1E2;

  static final int COMPATIBLE_CHECKSUM = 0x1;
  static final int COMPATIBLE_MTIME = 0x2;
  static final int COMPATIBLE_ATTRIBUTE_FILTER = 0x4;
  static final int INCOMPATIBLE_CHUNKED_FILE = 0x4;
  static final int INCOMPATIBLE_ATTRIBUTE_PREFIXES = 0x40;

  static final int COMPACT_INODE_BYTES = 32;
  static final int EXTENDED_INODE_BYTES = 64;
  static final int EXTENDED = 1;
  static final int LAYOUT_SHIFT = 1;
  static final int LAYOUT_PLAIN = 0;
  static final int LAYOUT_INLINE = 2;
  static final int LAYOUT_CHUNKED = 4;

  /** Chunks are of {@code 2^(12 + n)} bytes, n in five bits. */
  static final int MOST_CHUNK_BITS = BLOCK_BITS + 31;

  /** A chunk at this address is a hole. */
  static final int NULL_ADDRESS = -1;

  static final int CHUNK_ADDRESS_BYTES = 4;

  static final int DIRENT_BYTES = 12;
  static final byte TYPE_FILE = 1;
  static final byte TYPE_DIRECTORY = 2;
  static final byte TYPE_LINK = 7;

  static final int MODE_DIRECTORY = 0040000;
  static final int MODE_FILE = 0100000;
  static final int MODE_LINK = 0120000;

  static final int ATTRIBUTE_HEADER_BYTES = 12;
  static final int ATTRIBUTE_ENTRY_BYTES = 4;
  static final int ATTRIBUTE_UNIT = 4;
  static final int ATTRIBUTE_FILTER_SEED = 0x25BBE08F;
  static final int ATTRIBUTE_LONG_PREFIX = 0x80;
  static final int MOST_ATTRIBUTE_NAME = 255;

  private Format() {}

  /** Returns the next multiple of {@code unit}, a power of two. */
  static long align(long value, int unit) {
    return (value + unit - 1) & -unit;
  }

  /** Returns the next multiple of {@code unit}, a power of two. */
  static int align(int value, int unit) {
    return (value + unit - 1) & -unit;
  }

  /** Returns a number of blocks as 32 bits, unsigned. */
  static int address(long blocks) throws IOException {
    if (blocks > 0xFFFF_FFFFL) {
      throw new IOException("the image is larger than 16 TiB");
    }
    return (int) blocks;
  }
}
