package io.revfs.posix;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.jspecify.annotations.Nullable;

/** Memory of one thread for the names of one call, and for what the kernel answers. */
final class NameMemory {
  static final int ENAMETOOLONG = 36;

  /** The longest path that a call takes, in bytes without its NUL. */
  static final int MOST = 4096;

  private static final int DIRECTORY_BYTES = 64 << 10;

  private static final ThreadLocal<NameMemory> MEMORY = ThreadLocal.withInitial(NameMemory::new);

  final MemorySegment first = Arena.ofAuto().allocate(MOST + 1);
  final MemorySegment second = Arena.ofAuto().allocate(MOST + 1);
  final MemorySegment answer = Arena.ofAuto().allocate(256, 8);

  /** What is said of a file that is not to be asked for again: {@link #answer} stays as it is. */
  final MemorySegment stat = Arena.ofAuto().allocate(256, 8);

  private @Nullable MemorySegment directory;

  private NameMemory() {}

  static NameMemory get() {
    return MEMORY.get();
  }

  /** Memory for a directory's entries. */
  MemorySegment directory() {
    if (directory == null) {
      directory = Arena.ofAuto().allocate(DIRECTORY_BYTES, 8);
    }
    return directory;
  }

  /** Puts a name there; returns its address, or 0 if it is too long. */
  static long put(byte[] name, MemorySegment at) {
    if (name.length > MOST) {
      return 0;
    }
    MemorySegment.copy(name, 0, at, ValueLayout.JAVA_BYTE, 0, name.length);
    at.set(ValueLayout.JAVA_BYTE, name.length, (byte) 0);
    return at.address();
  }
}
