package io.revfs.image;

import io.revfs.image.entry.ImageDirectory;

/**
 * What {@code stat} shows of a directory that lies in an image. It comes from the names alone, so
 * that who shows the same directory without an image can say the same.
 *
 * @param bytes of its names, as they fill blocks
 * @param links 2, and 1 for each directory in it
 */
public record DirectorySize(long bytes, int links) {
  private static final int LINKS_OF_EMPTY = 2;

  /** What is said of a directory whose names are not known yet. */
  public static final DirectorySize UNKNOWN = new DirectorySize(Format.BLOCK, LINKS_OF_EMPTY);

  /**
   * Counts how names fill blocks: each goes to the last block, or to a new one if that is full. Not
   * thread-safe.
   */
  public static final class Counter {
    private final Dots dots = new Dots();
    private long fullBlocks;
    private int lastBytes;
    private int links = LINKS_OF_EMPTY;

    /** Adds a name. They come in the order in which {@link ImageDirectory} has them. */
    public void add(byte[] name, boolean isDirectory) {
      dots.addBefore(name, this::put);
      put(name);
      links += isDirectory ? 1 : 0;
    }

    private void put(byte[] name) {
      if (isFull(lastBytes, name)) {
        lastBytes = 0;
        fullBlocks++;
      }
      lastBytes += Format.DIRENT_BYTES + name.length;
    }

    /** Returns the size once all names were added; none may be added afterwards. */
    public DirectorySize end() {
      dots.addBefore(null, this::put);
      return new DirectorySize(fullBlocks * Format.BLOCK + lastBytes, links);
    }
  }

  /** Returns whether a block with so many bytes in it has no room for a name. */
  static boolean isFull(int bytes, byte[] name) {
    return bytes + Format.DIRENT_BYTES + name.length > Format.BLOCK;
  }

  /** Returns how many bytes of names are in the last block. */
  int lastBytes() {
    return (int) ((bytes - 1) % Format.BLOCK) + 1;
  }
}
