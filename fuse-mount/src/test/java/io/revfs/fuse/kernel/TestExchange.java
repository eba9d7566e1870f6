package io.revfs.fuse.kernel;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** A request as the kernel would send it, and memory for the answer. */
final class TestExchange extends Exchange {
  private final MemorySegment out = Arena.ofAuto().allocate((1 << 20) + 4096, 8);
  private final MemorySegment in = Arena.ofAuto().allocate(REQUEST_BYTES, 8);
  private final ByteBuffer bytes = out.asByteBuffer();

  /** A request with a whole header, by the fields' order in linux/fuse.h. */
  TestExchange request(int opcode, long node, byte[] body) {
    ByteBuffer header = ByteBuffer.allocate(40).order(ByteOrder.nativeOrder());
    header.putInt(40 + body.length).putInt(opcode).putLong(77).putLong(node);
    header.putInt(1000).putInt(1001).putInt(4242).putShort((short) 0).putShort((short) 0);
    MemorySegment.copy(header.array(), 0, in, ValueLayout.JAVA_BYTE, 0, 40);
    return raw(body, 40);
  }

  /** Bytes from {@code at} on; what is before stays as it is. */
  TestExchange raw(byte[] body, int at) {
    MemorySegment.copy(body, 0, in, ValueLayout.JAVA_BYTE, at, body.length);
    begin(in, at + body.length, true);
    return this;
  }

  /** Returns the first bytes of the answer's body. */
  byte[] answer(int length) {
    byte[] copy = new byte[length];
    MemorySegment.copy(out, ValueLayout.JAVA_BYTE, Wire.OutHeader.BYTES, copy, 0, length);
    return copy;
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
