package io.revfs.fuse.jnr;

import io.revfs.fuse.FileNames;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import jnr.ffi.Pointer;

/** Native memory as Java sees it, without copies where it can be. */
final class NativePath {
  private static final int PATH_MAX = 1 << 16;

  private NativePath() {}

  /** Returns the NUL-terminated string as {@link FileNames} decodes it. */
  @SuppressWarnings("restricted") // libfuse says how long it is: up to the NUL
  static String decode(Pointer pointer) {
    MemorySegment all = MemorySegment.ofAddress(pointer.address()).reinterpret(PATH_MAX);
    int length = 0;
    while (all.get(ValueLayout.JAVA_BYTE, length) != 0) {
      length++;
    }
    return FileNames.decode(all.asSlice(0, length).toArray(ValueLayout.JAVA_BYTE));
  }

  /** Returns memory of ours as a segment. */
  @SuppressWarnings("restricted") // the size is that of the allocation
  static MemorySegment segment(Pointer pointer, long size) {
    return MemorySegment.ofAddress(pointer.address()).reinterpret(size);
  }

  /** Returns a view of the memory at a pointer. */
  @SuppressWarnings("restricted") // libfuse gives the size beside the pointer
  static ByteBuffer view(Pointer pointer, long size) {
    return MemorySegment.ofAddress(pointer.address()).reinterpret(size).asByteBuffer();
  }

  /** Returns the bytes of a string with a NUL behind them. */
  static byte[] terminated(String text) {
    byte[] bytes = FileNames.encode(text);
    return java.util.Arrays.copyOf(bytes, bytes.length + 1);
  }
}
