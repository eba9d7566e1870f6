package io.revfs.image;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.zip.CRC32C;

/** The superblock, and the table of long attribute prefixes right after it. */
final class SuperBlock {
  private static final int PREFIXES_AT = Format.SUPER_OFFSET + Format.SUPER_BYTES;
  private static final int CHECKSUM_AT = Format.SUPER_OFFSET + 4;
  private static final byte[] VOLUME = "revfs".getBytes(StandardCharsets.US_ASCII);
  private static final int MOST_ROOT_NODE = 0xFFFF; // rootnid_2b

  private SuperBlock() {}

  /** Returns how many bytes at the start of an image are neither records nor data. */
  static int reserved(List<String> prefixes) {
    return PREFIXES_AT + prefixTable(prefixes).remaining();
  }

  /** Each: length of what follows in the entry (2), namespace (1), name after it; aligned to 4. */
  private static ByteBuffer prefixTable(List<String> prefixes) {
    ByteBuffer table =
        ByteBuffer.allocate(prefixes.size() * (4 + Format.MOST_ATTRIBUTE_NAME))
            .order(ByteOrder.LITTLE_ENDIAN);
    for (String prefix : prefixes) {
      AttributeName.Parts parts = AttributeName.Parts.of(prefix);
      table.putShort((short) (1 + parts.rest().length));
      table.put((byte) parts.namespace()).put(parts.rest());
      table.position(Format.align(table.position(), Format.ATTRIBUTE_UNIT));
    }
    return table.flip();
  }

  /**
   * What it states.
   *
   * @param root the root's node
   * @param inodes how many there are
   * @param hasHoles whether some file's bytes are elsewhere
   */
  record Facts(long root, long inodes, boolean hasHoles) {}

  /** Writes it to an image that is complete otherwise. */
  static void write(ImageFile image, Facts facts, ImageSettings settings) throws IOException {
    if (facts.root() > MOST_ROOT_NODE) {
      throw new IllegalArgumentException("the root has too many attributes");
    }
    List<String> prefixes = settings.frequentAttributes();
    ByteBuffer block =
        ByteBuffer.allocate(PREFIXES_AT - Format.SUPER_OFFSET).order(ByteOrder.LITTLE_ENDIAN);
    int compatible =
        Format.COMPATIBLE_CHECKSUM | Format.COMPATIBLE_MTIME | Format.COMPATIBLE_ATTRIBUTE_FILTER;
    int incompatible =
        (facts.hasHoles() ? Format.INCOMPATIBLE_CHUNKED_FILE : 0)
            | (prefixes.isEmpty() ? 0 : Format.INCOMPATIBLE_ATTRIBUTE_PREFIXES);
    block.putInt(Format.SUPER_MAGIC).putInt(0).putInt(compatible);
    block.put((byte) Format.BLOCK_BITS).put((byte) 0).putShort((short) facts.root());
    block.putLong(facts.inodes()).putLong(settings.timeSeconds()).putInt(0);
    // No size in blocks: only statfs(2) shows it, and df leaves out what has none. Places of nodes
    // and of repeated attributes count from the image's start.
    block.putInt(0).putInt(0).putInt(0);
    block.position(block.position() + 16); // uuid
    block.put(VOLUME).position(block.position() + 16 - VOLUME.length);
    block.putInt(incompatible).putShort((short) 0).putShort((short) 0).putShort((short) 0);
    block.put((byte) 0).put((byte) prefixes.size());
    block.putInt(prefixes.isEmpty() ? 0 : PREFIXES_AT / Format.ATTRIBUTE_UNIT);
    image.write(Format.SUPER_OFFSET, block.clear());
    image.write(PREFIXES_AT, prefixTable(prefixes));
    image.write(CHECKSUM_AT, checksum(image));
  }

  /** Of the first block from the superblock on; unlike Java's, the kernel's is not inverted. */
  private static ByteBuffer checksum(ImageFile image) throws IOException {
    CRC32C crc = new CRC32C();
    crc.update(image.read(Format.SUPER_OFFSET, Format.BLOCK - Format.SUPER_OFFSET));
    ByteBuffer sum = ByteBuffer.allocate(Integer.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    return sum.putInt(~(int) crc.getValue()).flip();
  }
}
