package io.revfs.image;

import io.revfs.image.entry.ImageEntry;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * A directory whose entries are being written. Its names fill blocks, but the last of them follow
 * its inode if they fit there. How many these are must be known before what is in it is written, so
 * the beginning of its listing is read ahead; if that is not all, all names go to blocks: of many,
 * one that is half full matters little.
 */
final class OpenDirectory {
  private static final int MOST_READ_AHEAD = 511;

  private final ImageEntry.Directory entry;
  private final byte[] attributes;
  private final Listing listing;
  private final SpilledBlocks spilled;
  private final DirectoryBlock block = new DirectoryBlock();
  private final Dots dots = new Dots();
  private final int inlineBytes;
  private final int knownLinks;
  private long place;
  private long parentNode;
  private int links = 2;
  private long fullBlocks;

  /** {@code attributes}: as they are written after the inode. */
  OpenDirectory(ImageEntry.Directory entry, byte[] attributes, SpilledBlocks spilled)
      throws IOException {
    this.entry = entry;
    this.attributes = attributes;
    this.spilled = spilled;
    this.listing = new Listing(entry.content());
    DirectorySize.Counter counter = new DirectorySize.Counter();
    for (ImageEntry below : listing.readAhead(MOST_READ_AHEAD)) {
      counter.add(below.name(), below instanceof ImageEntry.Directory);
    }
    DirectorySize size = counter.end();
    int record = Format.EXTENDED_INODE_BYTES + attributes.length + size.lastBytes();
    boolean fits = listing.isExhausted() && record <= Format.BLOCK;
    this.inlineBytes = fits ? size.lastBytes() : 0;
    this.knownLinks = listing.isExhausted() ? size.links() : Integer.MAX_VALUE;
  }

  ImageEntry.Directory entry() {
    return entry;
  }

  byte[] attributes() {
    return attributes;
  }

  /** Returns how many bytes of names follow its inode; 0: none. */
  int inlineBytes() {
    return inlineBytes;
  }

  /** Returns how many links it has at most. */
  int mostLinks() {
    return knownLinks;
  }

  /** Returns how many links it has, once all entries were added. */
  int links() {
    return links;
  }

  /**
   * Says where its inode will be written.
   *
   * @param parent the node of the directory that it is in, 0 for the root, which is in itself
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
    dots.addBefore(name, this::addDots);
    put(name, node, type);
    links += type == Format.TYPE_DIRECTORY ? 1 : 0;
  }

  private void addDots(byte[] name) throws IOException {
    put(name, name == Dots.SELF ? node() : parentNode, Format.TYPE_DIRECTORY);
  }

  private void put(byte[] name, long node, byte type) throws IOException {
    if (DirectorySize.isFull(block.bytes(), name)) {
      spill();
    }
    block.add(name, node, type);
  }

  private void spill() throws IOException {
    spilled.push(block.drainBlock());
    fullBlocks++;
  }

  /**
   * Where a directory's names are.
   *
   * @param first the first of its blocks, 0 if it has none
   * @param size all bytes of names
   */
  record Blocks(long first, long size) {}

  /** Writes the names, once all were added; those that follow the inode remain. */
  Blocks writeBlocks(ImageFile image) throws IOException {
    dots.addBefore(null, this::addDots);
    long size = fullBlocks * Format.BLOCK + block.bytes();
    if (inlineBytes == 0) {
      spill();
    }
    if (fullBlocks == 0) {
      return new Blocks(0, size);
    }
    long at = image.blocks(fullBlocks);
    spilled.pop(fullBlocks, image, at);
    return new Blocks(at / Format.BLOCK, size);
  }

  /** Appends the names that follow the inode. */
  void writeInline(ByteBuffer record) {
    if (block.bytes() != inlineBytes) {
      throw new IllegalStateException(block.bytes() + " bytes of names, not " + inlineBytes);
    }
    block.drain(record);
  }
}
