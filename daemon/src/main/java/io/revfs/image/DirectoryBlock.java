package io.revfs.image;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Names of a directory on their way to one block: fixed-size entries first, names after them, both
 * sorted, so that the kernel finds a name by halving.
 */
final class DirectoryBlock {
  private static final int MOST_ENTRIES = Format.BLOCK / (Format.DIRENT_BYTES + 1);

  private final long[] nodes = new long[MOST_ENTRIES];
  private final byte[] types = new byte[MOST_ENTRIES];
  private final short[] nameStarts = new short[MOST_ENTRIES];
  private final byte[] names = new byte[Format.BLOCK];
  private int count;
  private int nameBytes;

  /** Returns the size of what was added. */
  int bytes() {
    return count * Format.DIRENT_BYTES + nameBytes;
  }

  /** Adds a name, which must fit. */
  void add(byte[] name, long node, byte type) {
    nodes[count] = node;
    types[count] = type;
    nameStarts[count] = (short) nameBytes;
    System.arraycopy(name, 0, names, nameBytes, name.length);
    nameBytes += name.length;
    count++;
  }

  /** Appends all names to {@code out}, which is little-endian, and starts anew. */
  void drain(ByteBuffer out) {
    int firstName = count * Format.DIRENT_BYTES;
    for (int i = 0; i < count; i++) {
      out.putLong(nodes[i]).putShort((short) (firstName + nameStarts[i]));
      out.put(types[i]).put((byte) 0);
    }
    out.put(names, 0, nameBytes);
    count = 0;
    nameBytes = 0;
  }

  /** Returns all names with zeros up to a block's size, and starts anew. */
  ByteBuffer drainBlock() {
    ByteBuffer block = ByteBuffer.allocate(Format.BLOCK).order(ByteOrder.LITTLE_ENDIAN);
    drain(block);
    return block.clear();
  }
}
