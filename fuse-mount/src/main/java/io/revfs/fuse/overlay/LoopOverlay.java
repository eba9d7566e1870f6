package io.revfs.fuse.overlay;

import io.revfs.fuse.MountTable;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/**
 * The way for kernels from 6.5 on that cannot mount a file as EROFS (before 6.12) or take layers by
 * descriptors (before 6.13): a loop device, and the image mounted at a place for as long as the
 * overlay is being made, by mount(8).
 */
final class LoopOverlay {
  private static final long SECONDS = 20;

  private LoopOverlay() {}

  static void mount(Path image, List<Path> data, Path mountPoint, String source)
      throws IOException {
    Path names = Files.createTempDirectory("revfs-names");
    try {
      run(List.of("mount", "-t", "erofs", "-o", "ro,loop", image.toString(), names.toString()));
      try {
        String layers =
            ImageOverlay.escape(names)
                + "::"
                + data.stream().map(ImageOverlay::escape).collect(Collectors.joining("::"));
        run(
            List.of(
                "mount",
                "-t",
                ImageOverlay.TYPE,
                "-o",
                "ro,nosuid,nodev,metacopy=on,redirect_dir=on,xino=on,lowerdir=" + layers,
                source,
                mountPoint.toString()));
      } finally {
        MountTable.detach(names); // the overlay has it
      }
    } finally {
      Files.deleteIfExists(names);
    }
  }

  private static void run(List<String> command) throws IOException {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    try {
      process.getOutputStream().close();
      String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      if (!process.waitFor(SECONDS, TimeUnit.SECONDS) || process.exitValue() != 0) {
        process.destroyForcibly();
        // Its first line; the others tell people where to look.
        throw new IOException(command.get(0) + " says: " + output.strip().split("\n", 2)[0]);
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
      throw new InterruptedIOException(command.get(0));
    }
  }
}
