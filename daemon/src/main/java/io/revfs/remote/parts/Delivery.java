package io.revfs.remote.parts;

import io.revfs.object.ByteConsumer;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;

/** Passes bytes from a store to the one who asked, and tells the failures of the two apart. */
public final class Delivery {
  private static final int BUFFER_BYTES = 256 << 10;

  private Delivery() {}

  /** What the taker of the bytes failed with, which is no fault of the store's. */
  public static final class TakerFailedException extends IOException {
    private static final long serialVersionUID = 1L;
    private final IOException failure;

    public TakerFailedException(IOException failure) {
      super(failure);
      this.failure = failure;
    }

    /** Returns what it failed with. */
    public IOException failure() {
      return failure;
    }
  }

  /**
   * Passes bytes on until {@code length} are passed or the stream ends.
   *
   * @return how many are missing
   * @throws TakerFailedException if the taker failed; anything else is the stream's
   */
  public static long pass(InputStream in, long length, ByteConsumer taker) throws IOException {
    byte[] buffer = new byte[(int) Math.min(BUFFER_BYTES, Math.max(1, length))];
    long left = length;
    while (left > 0) {
      int n = in.read(buffer, 0, (int) Math.min(buffer.length, left));
      if (n < 0) {
        return left;
      }
      give(taker, ByteBuffer.wrap(buffer, 0, n));
      left -= n;
    }
    return 0;
  }

  /** Passes all bytes of a stream on; returns how many there were. */
  public static long passAll(InputStream in, ByteConsumer taker) throws IOException {
    byte[] buffer = new byte[BUFFER_BYTES];
    long passed = 0;
    for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
      give(taker, ByteBuffer.wrap(buffer, 0, n));
      passed += n;
    }
    return passed;
  }

  /** Passes bytes on. */
  public static void give(ByteConsumer taker, ByteBuffer bytes) throws TakerFailedException {
    try {
      taker.accept(bytes);
    } catch (IOException e) {
      throw new TakerFailedException(e);
    }
  }
}
