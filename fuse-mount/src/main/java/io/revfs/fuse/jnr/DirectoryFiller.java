package io.revfs.fuse.jnr;

import io.revfs.fuse.FileNames;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import jnr.ffi.Memory;
import jnr.ffi.Pointer;
import jnr.ffi.Runtime;

/**
 * libfuse's {@code fuse_fill_dir_t} of one readdir. Called by the JDK's foreign-function interface:
 * a directory of a million entries is a million calls, and jnr-ffi's take ten times as long.
 * Confined to one thread.
 */
final class DirectoryFiller {
  // int (*)(void *buf, const char *name, const struct stat *stbuf, off_t off), fuse.h of 2.9
  @SuppressWarnings("restricted") // libfuse gives the address for this very use
  private static final MethodHandle FILL =
      Linker.nativeLinker()
          .downcallHandle(
              FunctionDescriptor.of(
                  ValueLayout.JAVA_INT,
                  ValueLayout.ADDRESS,
                  ValueLayout.ADDRESS,
                  ValueLayout.ADDRESS,
                  ValueLayout.JAVA_LONG),
              Linker.Option.critical(false)); // it copies a name and never calls back

  private static final int STAT_BYTES = 144; // struct stat of 64-bit Linux
  private static final ThreadLocal<Scratch> SCRATCH = ThreadLocal.withInitial(Scratch::new);

  private final MemorySegment filler;
  private final MemorySegment buffer;
  private final Scratch scratch = SCRATCH.get();

  /** Memory of a thread for a name and a stat. */
  private static final class Scratch {
    private final Pointer stat =
        Memory.allocateDirect(Runtime.getSystemRuntime(), STAT_BYTES, true);
    private final Pointer name =
        Memory.allocateDirect(Runtime.getSystemRuntime(), FileNames.MAX_BYTES + 1, true);
    private final MemorySegment statSegment = MemorySegment.ofAddress(stat.address());
    private final MemorySegment nameSegment = NativePath.segment(name, FileNames.MAX_BYTES + 1L);
  }

  /** {@code buffer} and {@code filler} as libfuse passes them to readdir. */
  DirectoryFiller(Pointer buffer, Pointer filler) {
    this.filler = MemorySegment.ofAddress(filler.address());
    this.buffer = MemorySegment.ofAddress(buffer.address());
    scratch.stat.setMemory(0, STAT_BYTES, (byte) 0);
  }

  /** Returns the entry's stat, of which libfuse looks at inode number and type. */
  Pointer stat() {
    return scratch.stat;
  }

  /** Adds an entry; returns false if there is no room. */
  boolean add(byte[] name, long nextPosition) {
    MemorySegment.copy(name, 0, scratch.nameSegment, ValueLayout.JAVA_BYTE, 0, name.length);
    scratch.nameSegment.set(ValueLayout.JAVA_BYTE, name.length, (byte) 0);
    try {
      return (int)
              FILL.invokeExact(
                  filler, buffer, scratch.nameSegment, scratch.statSegment, nextPosition)
          == 0;
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable t) {
      throw new IllegalStateException(t); // native code throws nothing
    }
  }
}
