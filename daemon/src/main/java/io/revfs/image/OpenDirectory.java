package io.revfs.image;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A directory whose entries are being written. A small one's names follow its inode, those of any
 * other fill blocks. Which it is must be known before what is in it is written, so the beginning of
 * its listing is read ahead.
 */
final class OpenDirectory {
  /** As many bytes of names as may follow an inode: half a block, so that little stays unused. */
  private static final int MOST_INLINE = Format.BLOCK / 2;

  private static final byte[] SELF = {'.'};
  private static final byte[] PARENT = {'.', '.'};
  private static final int DOTS_BYTES = DirectoryBlock.bytes(SELF) + DirectoryBlock.bytes(PARENT);

  private final ImageEntry.Directory entry;
  private final byte[] attributes;
  private final Listing listing;
  private final Listing.Beginning beginning;
  private final SpilledBlocks spilled;
  private final DirectoryBlock block = new DirectoryBlock();
  private long place;
  private long parentNode;
  private int dotsAdded;
  private int subdirectories;
  private long spilledCount;

  /** {@code attributes}: as they are written after the inode. */
  OpenDirectory(ImageEntry.Directory entry, byte[] attributes, SpilledBlocks spilled)
      throws IOException {
    this.entry = entry;
    this.attributes = attributes;
    this.spilled = spilled;
    this.listing = new Listing(entry.content());
    this.beginning = listing.beginning(MOST_INLINE - DOTS_BYTES);
  }

  ImageEntry.Directory entry() {
    return entry;
  }

  byte[] attributes() {
    return attributes;
  }

  /** Returns whether its names follow its inode. */
  boolean isSmall() {
    int record = Format.EXTENDED_INODE_BYTES + attributes.length + smallBytes();
    return beginning.whole() && smallBytes() <= MOST_INLINE && record <= Format.BLOCK;
  }

  /** Returns how many bytes the names of a small directory take. */
  int smallBytes() {
    return DOTS_BYTES + beginning.nameBytes();
  }

  /** Returns how many links a small directory has. */
  int smallLinks() {
    return 2 + beginning.subdirectories();
  }

  /** Returns how many links it has, once all entries were added. */
  int links() {
    return 2 + subdirectories;
  }

  /**
   * Says where its inode will be written.
   *
   * @param parent the node of the directory that it is in, 0 for itself
   */
  void place(long place, long parent) {
    this.place = place;
    this.parentNode = parent == 0 ? node() : parent;
  }

  /** Returns where its inode will be. */
  long place() {
    return place;
  }

  /** Returns its node's number. */
  long node() {
    return place / Format.SLOT;
  }

  /** Returns the next entry to be written, null if there is none. */
  @Nullable ImageEntry next() throws IOException {
    return listing.next();
  }

  /** Adds an entry that was written. */
  void add(byte[] name, long node, byte type) throws IOException {
    addDots(name);
    put(name, node, type);
    subdirectories += type == Format.TYPE_DIRECTORY ? 1 : 0;
  }

  /** Adds {@code .} and {@code ..} if they come before a name; null: after all names. */
  private void addDots(byte @Nullable [] before) throws IOException {
    if (dotsAdded == 0 && (before == null || Arrays.compareUnsigned(SELF, before) < 0)) {
      put(SELF, node(), Format.TYPE_DIRECTORY);
      dotsAdded++;
    }
    if (dotsAdded == 1 && (before == null || Arrays.compareUnsigned(PARENT, before) < 0)) {
      put(PARENT, parentNode, Format.TYPE_DIRECTORY);
      dotsAdded++;
    }
  }

  private void put(byte[] name, long node, byte type) throws IOException {
    if (block.bytes() + DirectoryBlock.bytes(name) > Format.BLOCK) {
      spilled.push(block.drainBlock());
      spilledCount++;
    }
    block.add(name, node, type);
  }

  /** Appends the names of a small directory to its inode. */
  void writeSmall(ByteBuffer record) throws IOException {
    addDots(null);
    block.drain(record);
  }

  /** The blocks of a directory. */
  record Blocks(long first, long size) {}

  /** Writes the names of a directory that is not small. */
  Blocks writeBlocks(ImageFile image) throws IOException {
    addDots(null);
    int last = block.bytes();
    long size = spilledCount * Format.BLOCK + last;
    long at = image.blocks(spilledCount + 1);
    spilled.pop(spilledCount, image, at);
    image.write(at + spilledCount * Format.BLOCK, block.drainBlock());
    return new Blocks(at / Format.BLOCK, size);
  }
}
