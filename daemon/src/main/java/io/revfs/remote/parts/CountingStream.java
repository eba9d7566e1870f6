package io.revfs.remote.parts;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.function.LongConsumer;

/** Tells how far a stream was read. */
public final class CountingStream extends FilterInputStream {
  private final LongConsumer position;
  private long at;

  public CountingStream(InputStream in, LongConsumer position) {
    super(in);
    this.position = position;
  }

  @Override
  public int read() throws IOException {
    int value = super.read();
    if (value >= 0) {
      position.accept(++at);
    }
    return value;
  }

  @Override
  public int read(byte[] bytes, int offset, int length) throws IOException {
    int n = super.read(bytes, offset, length);
    if (n > 0) {
      at += n;
      position.accept(at);
    }
    return n;
  }

  /** What is skipped is there already, so it counts. */
  @Override
  public long skip(long count) throws IOException {
    long n = super.skip(count);
    at += n;
    position.accept(at);
    return n;
  }
}
