package io.revfs.fuse.kernel;

import io.revfs.fuse.FuseException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.concurrent.Semaphore;

/** Memory taken when the answer is there, and given back. */
final class SlowExchange extends Exchange implements AutoCloseable {
  private static final int SMALL_BYTES = 64 << 10;
  private final Semaphore permits;
  private final Waiting waiting;
  private final Arena arena = Arena.ofConfined();
  private boolean permit;
  private MemorySegment out = MemorySegment.NULL;

  SlowExchange(Semaphore permits, Waiting waiting) {
    this.permits = permits;
    this.waiting = waiting;
  }

  @Override
  void await(Waiting.Wait wait) throws FuseException {
    waiting.run(wait);
  }

  @Override
  MemorySegment body(int size) {
    long needed = Wire.OutHeader.BYTES + (long) size;
    if (out.byteSize() < needed) {
      if (size > SMALL_BYTES && !permit) {
        permits.acquireUninterruptibly();
        permit = true;
      }
      out = arena.allocate(needed, 8);
    }
    return out;
  }

  @Override
  ByteBuffer target(int size) {
    return out.asSlice(Wire.OutHeader.BYTES, size).asByteBuffer();
  }

  @Override
  public void close() {
    arena.close();
    if (permit) {
      permits.release();
    }
  }
}
