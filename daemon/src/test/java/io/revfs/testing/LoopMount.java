package io.revfs.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.revfs.fuse.Shell;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A file system of its own in a sparse file, mounted over a loop device; for root only. */
public final class LoopMount implements Closeable {
  /** XFS refuses to be smaller. */
  private static final String SIZE = "320M";

  private final Path point;

  private LoopMount(Path point) {
    this.point = point;
  }

  /**
   * Makes one of a kind, {@code xfs} or {@code btrfs}, below a directory.
   *
   * @param kind as {@code mkfs} has it
   */
  public static LoopMount make(String kind, Path directory) throws IOException {
    return make(kind, SIZE, directory);
  }

  /** As {@link #make(String, Path)}, of a size as {@code truncate} has it. */
  public static LoopMount make(String kind, String size, Path directory) throws IOException {
    Path point = Files.createDirectories(directory.resolve(kind));
    run(
        directory,
        "truncate -s %s %s.img && mkfs.%s -q %s.img && mount -o loop %s.img %s"
            .formatted(size, kind, kind, kind, kind, kind));
    return new LoopMount(point);
  }

  private static void run(Path directory, String command) throws IOException {
    Shell.Result result = Shell.run(directory, command);
    assertEquals(0, result.exit(), () -> "root is needed, and mkfs: " + result.output());
  }

  /** Returns where it is. */
  public Path point() {
    return point;
  }

  @Override
  public void close() throws IOException {
    run(
        point.getParent(),
        "umount " + point.getFileName() + " && rm " + point.getFileName() + ".img");
  }
}
