package io.revfs.image;

import java.nio.ByteBuffer;

/**
 * An inode.
 *
 * @param layout where its data are, {@code Format.LAYOUT_…}
 * @param mode type and permissions
 * @param links how many names lead to it
 * @param size in bytes
 * @param data the first block of its data, or of a chunked file the chunks' format
 * @param ordinal how many inodes were written before it
 */
record Inode(int layout, int mode, int links, long size, int data, long ordinal) {
  /** The owner and time of all inodes. */
  record Common(int user, int group, long timeSeconds) {
    /** Whether the owner fits into a compact inode. */
    boolean isCompact() {
      return (user | group) >>> 16 == 0;
    }
  }

  private static final int COMPACT_MOST_LINKS = 0xFFFF;
  private static final long COMPACT_MOST_SIZE = 0xFFFF_FFFFL;

  /** Returns whether an inode of such a size needs the extended form. */
  static boolean isExtended(Common common, int links, long size) {
    return !common.isCompact() || links > COMPACT_MOST_LINKS || size > COMPACT_MOST_SIZE;
  }

  static int bytes(boolean extended) {
    return extended ? Format.EXTENDED_INODE_BYTES : Format.COMPACT_INODE_BYTES;
  }

  /**
   * Appends it to a record.
   *
   * @param attributeCount what it states of its attributes' size
   */
  void write(ByteBuffer record, Common common, boolean extended, int attributeCount) {
    int format = (extended ? Format.EXTENDED : 0) | layout << Format.LAYOUT_SHIFT;
    record.putShort((short) format).putShort((short) attributeCount).putShort((short) mode);
    if (extended) {
      record.putShort((short) 0).putLong(size).putInt(data).putInt((int) ordinal);
      record.putInt(common.user()).putInt(common.group());
      record.putLong(common.timeSeconds()).putInt(0).putInt(links);
      record.putLong(0).putLong(0);
      return;
    }
    // The time of compact inodes is in the superblock; this one is what is to be added to it.
    record.putShort((short) links).putInt((int) size).putInt(0).putInt(data).putInt((int) ordinal);
    record.putShort((short) common.user()).putShort((short) common.group()).putInt(0);
  }
}
