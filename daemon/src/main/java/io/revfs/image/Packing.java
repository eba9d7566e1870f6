package io.revfs.image;

/**
 * Counts how names fill blocks: each name goes to the last block, or to a new one if it is full.
 */
final class Packing {
  private int lastBytes;

  void add(byte[] name) {
    if (isFull(lastBytes, name)) {
      lastBytes = 0;
    }
    lastBytes += entryBytes(name);
  }

  /** Returns whether a block with so many bytes in it has no room for a name. */
  static boolean isFull(int bytes, byte[] name) {
    return bytes + entryBytes(name) > Format.BLOCK;
  }

  static int entryBytes(byte[] name) {
    return Format.DIRENT_BYTES + name.length;
  }

  /** Returns how many bytes are in the last block. */
  int lastBytes() {
    return lastBytes;
  }
}
