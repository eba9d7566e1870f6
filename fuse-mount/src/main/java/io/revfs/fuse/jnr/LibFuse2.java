package io.revfs.fuse.jnr;

import jnr.ffi.LibraryLoader;
import jnr.ffi.Pointer;
import jnr.ffi.types.size_t;
import org.jspecify.annotations.Nullable;

/**
 * The calls of libfuse 2.9 (fuse.h) that make a session. jnr-fuse itself only has {@code
 * fuse_main_real}, which does not say when the mount is up. ({@code fuse_mount} and {@code
 * fuse_new} would be finer, but dlsym finds their oldest versions.) The signal handlers that the
 * set-up installs replace none of the JVM's.
 */
public interface LibFuse2 {
  /** Parses the arguments, mounts, and makes the session; null after it printed what is wrong. */
  @Nullable Pointer fuse_setup(
      int argc,
      Pointer argv,
      Pointer operations,
      @size_t long operationsSize,
      Pointer mountPointOut,
      Pointer multiThreadedOut,
      @Nullable Pointer userData);

  int fuse_loop(Pointer fuse);

  void fuse_teardown(Pointer fuse, Pointer mountPoint);

  /**
   * Loads the library.
   *
   * @throws UnsatisfiedLinkError if libfuse 2 is not installed
   */
  static LibFuse2 load() {
    return LibraryLoader.create(LibFuse2.class).failImmediately().load("libfuse.so.2");
  }
}
