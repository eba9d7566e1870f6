package io.revfs.image;

/**
 * The data of a file whose bytes are elsewhere: chunks without an address, as few as there can be.
 *
 * @param layout of the inode
 * @param format of the chunks: their size
 * @param chunks how many
 */
record Hole(int layout, int format, int chunks) {
  static Hole of(long size) {
    if (size == 0) {
      return new Hole(Format.LAYOUT_PLAIN, 0, 0);
    }
    int needed = Long.SIZE - Long.numberOfLeadingZeros(size - 1);
    int bits = Math.clamp(needed, Format.BLOCK_BITS, Format.MOST_CHUNK_BITS);
    long chunks = ((size - 1) >>> bits) + 1;
    return new Hole(Format.LAYOUT_CHUNKED, bits - Format.BLOCK_BITS, Math.toIntExact(chunks));
  }
}
