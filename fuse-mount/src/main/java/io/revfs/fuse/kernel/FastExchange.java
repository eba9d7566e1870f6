package io.revfs.fuse.kernel;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;

/** The memory of a session thread, allocated once. */
final class FastExchange extends Exchange {
  private final MemorySegment out;
  private final ByteBuffer bytes;

  FastExchange(Arena arena, int mostBytes) {
    out = arena.allocate(Wire.OutHeader.BYTES + (long) mostBytes, 8);
    bytes = out.asByteBuffer();
  }

  @Override
  MemorySegment body(int size) {
    return out;
  }

  @Override
  ByteBuffer target(int size) {
    return bytes.limit(Wire.OutHeader.BYTES + size).position(Wire.OutHeader.BYTES);
  }
}
