package io.revfs.cli.replay;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/**
 * The archive of loaded classes that an installation makes, and without which each command takes
 * three times as long to start. Tests run many hundreds.
 */
final class LoadedClasses {
  private static final Path LIBRARY = Path.of("../scripts/lib.sh");
  private static final long LIMIT_SECONDS = 120;

  private LoadedClasses() {}

  /**
   * Finishes a distribution as the installation does, unless its archive is newer than all jars.
   */
  static synchronized void archive(Path distribution) throws IOException {
    if (isNewest(distribution.resolve("lib/revfs.aot"))) {
      return;
    }
    Process finishing =
        new ProcessBuilder(
                "bash",
                "-c",
                ". \"$0\" && finish_dist \"$1\"",
                LIBRARY.toRealPath().toString(),
                distribution.toString())
            .redirectErrorStream(true)
            .redirectOutput(distribution.resolve("finish.log").toFile())
            .start();
    try {
      if (!finishing.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)) {
        finishing.destroyForcibly(); // commands work without it too
      }
    } catch (InterruptedException e) {
      finishing.destroyForcibly();
      Thread.currentThread().interrupt();
      throw new IOException(e);
    }
  }

  private static boolean isNewest(Path archive) throws IOException {
    if (!Files.exists(archive)) {
      return false;
    }
    try (var jars = Files.newDirectoryStream(archive.resolveSibling("."), "*.jar")) {
      for (Path jar : jars) {
        if (Files.getLastModifiedTime(jar).compareTo(Files.getLastModifiedTime(archive)) > 0) {
          return false;
        }
      }
    }
    return true;
  }
}
