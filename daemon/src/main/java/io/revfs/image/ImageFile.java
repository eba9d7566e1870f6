package io.revfs.image;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * An image while it grows: hands out places for records (inodes with what follows them) and for
 * whole blocks, and takes bytes for any place handed out, in any order. What is not written is
 * zero. Records fill blocks of their own, one after another; where data blocks were handed out
 * meanwhile, the next record block comes after them. What a record too large for the rest of its
 * block leaves over is given to smaller ones.
 *
 * <p>Writing forward is cheap: a window at the file's end is in memory. Behind it bytes go to the
 * file at once.
 */
final class ImageFile implements Closeable {
  private static final int WINDOW = 1 << 20;
  private static final byte[] ZEROS = new byte[Format.BLOCK];

  private final FileChannel channel;
  private final ByteBuffer window = ByteBuffer.allocateDirect(WINDOW);
  private long windowStart;
  private int windowUsed;
  private long end;
  private long records;
  private long recordsLimit;
  private long gap;
  private long gapEnd;

  /** Makes a file that must not exist; the first {@code reserved} bytes are not handed out. */
  ImageFile(Path file, int reserved) throws IOException {
    channel =
        FileChannel.open(
            file, StandardOpenOption.CREATE_NEW, StandardOpenOption.READ, StandardOpenOption.WRITE);
    records = reserved;
    end = Format.align((long) reserved, Format.BLOCK);
    recordsLimit = end;
  }

  /** Returns the size so far, whole blocks. */
  long size() {
    return end;
  }

  /**
   * Returns a place for a record, at the start of a slot.
   *
   * @param inOneBlock whether it must not cross the end of a block
   */
  long record(int bytes, boolean inOneBlock) {
    long inGap = Format.align(gap, Format.SLOT);
    if (inGap + bytes <= gapEnd) {
      gap = inGap + bytes;
      return inGap;
    }
    long at = Format.align(records, Format.SLOT);
    if (inOneBlock && at % Format.BLOCK + bytes > Format.BLOCK) {
      at = Format.align(at, Format.BLOCK);
    }
    if (at + bytes > recordsLimit) {
      if (recordsLimit != end) {
        at = end;
      }
      leaveGap(Math.min(at, recordsLimit));
      recordsLimit = Format.align(at + bytes, Format.BLOCK);
      end = recordsLimit;
    }
    records = at + bytes;
    return at;
  }

  /** What is passed over at a block's end is filled later; the larger of two gaps is kept. */
  private void leaveGap(long until) {
    if (until - records > gapEnd - gap) {
      gap = records;
      gapEnd = until;
    }
  }

  /** Returns the place of so many new blocks in a row. */
  long blocks(long count) {
    long at = end;
    end += count * Format.BLOCK;
    return at;
  }

  /** Writes what remains of {@code bytes} to a place. */
  void write(long place, ByteBuffer bytes) throws IOException {
    long at = place;
    if (at < windowStart) {
      int behind = (int) Math.min(bytes.remaining(), windowStart - at);
      writeFully(bytes.slice(bytes.position(), behind), at);
      bytes.position(bytes.position() + behind);
      at += behind;
    }
    while (bytes.hasRemaining()) {
      if (at - windowStart >= WINDOW) {
        flush();
        windowStart = Math.max(windowStart, at - WINDOW / 2);
      }
      int from = (int) (at - windowStart);
      int length = Math.min(bytes.remaining(), WINDOW - from);
      window.put(from, bytes, bytes.position(), length);
      bytes.position(bytes.position() + length);
      windowUsed = Math.max(windowUsed, from + length);
      at += length;
    }
  }

  /** Returns the bytes at a place that was handed out. */
  byte[] read(long place, int length) throws IOException {
    flush();
    ByteBuffer bytes = ByteBuffer.allocate(length); // zeros, as is what was not written
    int read = 0;
    while (read >= 0 && bytes.hasRemaining()) {
      read = channel.read(bytes, place + bytes.position());
    }
    return bytes.array();
  }

  /** Gives the file its size and has the disk take all of it. */
  void finish() throws IOException {
    flush();
    if (channel.size() < end) {
      writeFully(ByteBuffer.allocate(1), end - 1);
    }
    channel.force(true);
  }

  /** Empties the window; it goes on after what it held. */
  private void flush() throws IOException {
    writeFully(window.slice(0, windowUsed), windowStart);
    for (int at = 0; at < windowUsed; at += ZEROS.length) {
      window.put(at, ZEROS, 0, Math.min(ZEROS.length, windowUsed - at));
    }
    windowStart += windowUsed;
    windowUsed = 0;
  }

  private void writeFully(ByteBuffer bytes, long place) throws IOException {
    long at = place;
    while (bytes.hasRemaining()) {
      at += channel.write(bytes, at);
    }
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
