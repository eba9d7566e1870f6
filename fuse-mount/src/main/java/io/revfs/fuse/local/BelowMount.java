package io.revfs.fuse.local;

import io.revfs.fuse.FileNames;
import io.revfs.posix.CLibrary;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A second way to a directory that a mount is going to lie over: it is bound elsewhere before, and
 * so is reached by the next process too. Needs root.
 */
public final class BelowMount {
  private static final long MS_BIND = 4096;
  private static final long MS_REC = 16384;
  private static final long MS_PRIVATE = 1 << 18;

  private static final MethodHandle MOUNT =
      CLibrary.function(
          "mount",
          FunctionDescriptor.of(
              ValueLayout.JAVA_INT,
              ValueLayout.JAVA_LONG,
              ValueLayout.JAVA_LONG,
              ValueLayout.JAVA_LONG,
              ValueLayout.JAVA_LONG,
              ValueLayout.JAVA_LONG));

  private BelowMount() {}

  /**
   * Binds a directory, with what is mounted in it.
   *
   * @param place an existing directory
   */
  public static void bind(Path directory, Path place) throws IOException {
    Files.createDirectories(place);
    mount(directory, place, MS_BIND | MS_REC);
    // Else what is mounted over the directory next would be mounted here, too.
    mount(directory, place, MS_PRIVATE | MS_REC);
  }

  private static void mount(Path directory, Path place, long flags) throws IOException {
    MemorySegment state = CLibrary.state();
    try (Arena arena = Arena.ofConfined()) {
      int n =
          (int)
              MOUNT.invokeExact(
                  state,
                  path(arena, directory).address(),
                  path(arena, place).address(),
                  0L,
                  flags,
                  0L);
      if (n < 0) {
        throw new IOException(
            "%s cannot be bound at %s (error %d)"
                .formatted(directory, place, -CLibrary.negativeErrno(state)));
      }
    } catch (IOException e) {
      throw e;
    } catch (Throwable t) {
      throw CLibrary.never(t);
    }
  }

  private static MemorySegment path(Arena arena, Path path) {
    byte[] bytes = FileNames.encode(path.toString());
    MemorySegment memory = arena.allocate(bytes.length + 1L);
    MemorySegment.copy(bytes, 0, memory, ValueLayout.JAVA_BYTE, 0, bytes.length);
    return memory;
  }
}
