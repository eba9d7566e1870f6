package io.revfs.image;

import io.revfs.image.entry.ImageAttribute;
import io.revfs.image.entry.ImageEntry;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Writes inodes with what follows them: attributes, and contents where they are small. */
final class EntryWriter {
  private static final int RECORD_BYTES = 1 << 19; // attributes 2^18, chunks 2^15, a block
  private static final int LINK_PERMISSIONS = 0777;

  private static final ImageAttribute METACOPY =
      ImageAttribute.repeated("trusted.overlay.metacopy", "");

  private final ImageFile image;
  private final Attributes attributes;
  private final Inode.Common common;
  private final ByteBuffer record =
      ByteBuffer.allocate(RECORD_BYTES).order(ByteOrder.LITTLE_ENDIAN);
  private long directories;
  private long objectFiles;
  private long inlineFiles;
  private long links;
  private long inlineBytes;

  EntryWriter(ImageFile image, ImageSettings settings) {
    this.image = image;
    this.attributes = new Attributes(image, settings.frequentAttributes());
    this.common = new Inode.Common(settings.user(), settings.group(), settings.timeSeconds());
  }

  /** Returns how many inodes were written. */
  long inodes() {
    return directories + objectFiles + inlineFiles + links;
  }

  /** Returns what was written. */
  ImageSummary summary(String sha256) {
    return new ImageSummary(
        image.size(), sha256, directories, objectFiles, inlineFiles, links, inlineBytes);
  }

  /** Writes a file whose bytes are elsewhere; returns its node. */
  long write(ImageEntry.ObjectFile file) throws IOException {
    attributes.begin(file.attributes());
    if (file.size() > 0) {
      attributes.add(METACOPY);
      attributes.add(new ImageAttribute(ImageSettings.REDIRECT, file.object(), false));
    }
    Hole hole = Hole.of(file.size());
    int mode = Format.MODE_FILE | file.permissions();
    Inode inode = new Inode(hole.layout(), mode, 1, file.size(), hole.format(), inodes());
    begin(inode, Inode.isExtended(common, 1, file.size()));
    for (int i = 0; i < hole.chunks(); i++) {
      record.putInt(Format.NULL_ADDRESS);
    }
    objectFiles++;
    return end(false);
  }

  /** Writes a file with its bytes; returns its node. */
  long write(ImageEntry.InlineFile file) throws IOException {
    attributes.begin(file.attributes());
    long node = content(Format.MODE_FILE | file.permissions(), file.content());
    inlineFiles++;
    inlineBytes += file.content().length;
    return node;
  }

  /** Writes a link; returns its node. */
  long write(ImageEntry.SymbolicLink link) throws IOException {
    attributes.begin(link.attributes());
    long node = content(Format.MODE_LINK | LINK_PERMISSIONS, link.target());
    links++;
    return node;
  }

  /** Whole blocks apart, the rest after the inode if it fits there. */
  private long content(int mode, byte[] content) throws IOException {
    int rest = content.length % Format.BLOCK;
    boolean extended = Inode.isExtended(common, 1, content.length);
    int head = Inode.bytes(extended) + attributes.bytes();
    boolean isInline = rest > 0 && head + rest <= Format.BLOCK;
    int apart = isInline ? content.length - rest : content.length;
    long first = 0;
    if (apart > 0) {
      long at = image.blocks(Format.align(apart, Format.BLOCK) / Format.BLOCK);
      image.write(at, ByteBuffer.wrap(content, 0, apart));
      first = at / Format.BLOCK;
    }
    int layout = isInline ? Format.LAYOUT_INLINE : Format.LAYOUT_PLAIN;
    begin(new Inode(layout, mode, 1, content.length, Format.address(first), inodes()), extended);
    record.put(content, apart, content.length - apart);
    return end(isInline);
  }

  /** Starts the record of an inode whose attributes were collected. */
  private void begin(Inode inode, boolean extended) {
    record.clear();
    inode.write(record, common, extended, Attributes.count(attributes.bytes()));
    attributes.write(record);
  }

  private long end(boolean inOneBlock) throws IOException {
    long place = image.record(record.flip().remaining(), inOneBlock);
    image.write(place, record);
    return place / Format.SLOT;
  }

  /**
   * Begins a directory and finds it a place; what is in it can be written then.
   *
   * @param parent the node of the directory it is in, 0 for the root
   */
  OpenDirectory open(ImageEntry.Directory entry, long parent, SpilledBlocks spilled)
      throws IOException {
    attributes.begin(entry.attributes());
    ByteBuffer encoded = ByteBuffer.allocate(attributes.bytes()).order(ByteOrder.LITTLE_ENDIAN);
    attributes.write(encoded);
    OpenDirectory directory = new OpenDirectory(entry, encoded.array(), spilled);
    int bytes = Inode.bytes(isExtended(directory)) + encoded.capacity() + directory.inlineBytes();
    directory.place(image.record(bytes, directory.inlineBytes() > 0), parent);
    return directory;
  }

  /** Writes a directory whose entries were all added. */
  void close(OpenDirectory directory) throws IOException {
    OpenDirectory.Blocks blocks = directory.writeBlocks(image);
    boolean isInline = directory.inlineBytes() > 0;
    int layout = isInline ? Format.LAYOUT_INLINE : Format.LAYOUT_PLAIN;
    int mode = Format.MODE_DIRECTORY | directory.entry().permissions();
    int first = Format.address(blocks.first());
    Inode inode = new Inode(layout, mode, directory.links(), blocks.size(), first, inodes());
    record.clear();
    int attributeCount = Attributes.count(directory.attributes().length);
    inode.write(record, common, isExtended(directory), attributeCount);
    record.put(directory.attributes());
    if (isInline) {
      directory.writeInline(record);
    }
    image.write(directory.place(), record.flip());
    directories++;
  }

  private boolean isExtended(OpenDirectory directory) {
    return Inode.isExtended(common, directory.mostLinks(), 0);
  }
}
