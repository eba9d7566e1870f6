package io.revfs.fuse.jnr;

import io.revfs.posix.CLibrary;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import jnr.ffi.LibraryLoader;
import jnr.ffi.Pointer;
import jnr.ffi.Runtime;
import jnr.ffi.Struct;
import org.jspecify.annotations.Nullable;

/**
 * The calls of libfuse 2.9 (fuse.h, fuse_lowlevel.h) that make a session of a descriptor that is
 * mounted already. jnr-fuse itself only has {@code fuse_main_real}, which does not say when the
 * mount is up, and mounts by a way that depends on which fusermount there is.
 */
public interface LibFuse2 {
  /** The library's name. */
  String NAME = "libfuse.so.2";

  /** Makes a channel of a mounted descriptor, which is its own from then on. */
  @Nullable Pointer fuse_kern_chan_new(int fd);

  int fuse_loop(Pointer fuse);

  /** Ends a session, with its channel. */
  void fuse_destroy(Pointer fuse);

  /** Returns {@code struct fuse_context} of the request that this thread serves. */
  Pointer fuse_get_context();

  /**
   * Loads the library.
   *
   * @throws UnsatisfiedLinkError if libfuse 2 is not installed
   */
  static LibFuse2 load() {
    return LibraryLoader.create(LibFuse2.class).failImmediately().load(NAME);
  }

  /**
   * Calls {@code fuse_new}, which the library has in four versions; dlsym(3) finds the oldest.
   *
   * @param arguments {@code struct fuse_args}
   * @return null after it printed what is wrong
   */
  @SuppressWarnings("restricted") // the function's type is that of fuse.h, for this version
  static @Nullable Pointer fuseNew(
      Runtime runtime, Pointer channel, Pointer arguments, NativeOperations operations) {
    ValueLayout.OfLong word = ValueLayout.JAVA_LONG;
    ValueLayout.OfInt number = ValueLayout.JAVA_INT;
    MethodHandle open = CLibrary.function("dlopen", FunctionDescriptor.of(word, word, number));
    MethodHandle find = CLibrary.function("dlvsym", FunctionDescriptor.of(word, word, word, word));
    int now = 2; // RTLD_NOW
    try (Arena arena = Arena.ofConfined()) {
      long library =
          (long) open.invokeExact(CLibrary.state(), arena.allocateFrom(NAME).address(), now);
      long symbol =
          (long)
              find.invokeExact(
                  CLibrary.state(),
                  library,
                  arena.allocateFrom("fuse_new").address(),
                  arena.allocateFrom("FUSE_2.6").address());
      if (symbol == 0) {
        throw new UnsatisfiedLinkError("fuse_new of FUSE_2.6");
      }
      MethodHandle create =
          Linker.nativeLinker()
              .downcallHandle(
                  MemorySegment.ofAddress(symbol),
                  FunctionDescriptor.of(word, word, word, word, word, word));
      long fuse =
          (long)
              create.invokeExact(
                  channel.address(),
                  arguments.address(),
                  Struct.getMemory(operations).address(),
                  (long) Struct.size(operations),
                  0L);
      return fuse == 0 ? null : Pointer.wrap(runtime, fuse);
    } catch (Throwable t) {
      throw CLibrary.never(t);
    }
  }
}
