package io.revfs.remote.parts;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.StandardOpenOption;

/** The bytes of a part, which can be read again without being held in memory. */
final class PartStream extends FilterInputStream {
  private final FileChannel file;
  private long left;
  private long markedPosition;
  private long markedLeft;

  private PartStream(FileChannel file, long length) {
    super(Channels.newInputStream(file));
    this.file = file;
    this.left = length;
  }

  static PartStream open(FilePart part) throws IOException {
    FileChannel file = FileChannel.open(part.file(), StandardOpenOption.READ);
    file.position(part.offset());
    PartStream stream = new PartStream(file, part.length());
    stream.mark(0);
    return stream;
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
  }

  @Override
  public int read(byte[] bytes, int offset, int length) throws IOException {
    if (left == 0) {
      return -1;
    }
    int n = super.read(bytes, offset, (int) Math.min(length, left));
    left -= Math.max(n, 0);
    return n;
  }

  @Override
  public long skip(long count) throws IOException {
    long n = super.skip(Math.min(count, left));
    left -= n;
    return n;
  }

  @Override
  public int available() throws IOException {
    return (int) Math.min(super.available(), left);
  }

  @Override
  public boolean markSupported() {
    return true;
  }

  @Override
  public synchronized void mark(int limit) {
    try {
      markedPosition = file.position();
      markedLeft = left;
    } catch (IOException e) {
      throw new UncheckedIOException(e); // closed: nobody reads from it any more
    }
  }

  @Override
  public synchronized void reset() throws IOException {
    file.position(markedPosition);
    left = markedLeft;
  }
}
