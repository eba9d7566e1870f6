package io.revfs.cli.replay;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.concurrent.TimeUnit;

/**
 * The archive of loaded classes that an installation makes, and without which each command takes
 * three times as long to start. Tests run many hundreds.
 */
final class LoadedClasses {
  private static final String NAME = "revfs.aot";
  private static final long LIMIT_SECONDS = 120;

  private LoadedClasses() {}

  /** Makes the archive of a distribution unless it is there and newer than all jars. */
  static synchronized void archive(Path distribution) throws IOException {
    Path lib = distribution.resolve("lib");
    Path archive = lib.resolve(NAME);
    if (isNewest(archive)) {
      return;
    }
    Files.deleteIfExists(archive);
    Path fresh = lib.resolve(NAME + ".new");
    ProcessBuilder builder =
        new ProcessBuilder(distribution.resolve("bin/revfs").toString(), "train")
            .redirectErrorStream(true)
            .redirectOutput(lib.resolve(NAME + ".log").toFile());
    builder.environment().put("REVFS_CLI_FLAGS", "-XX:AOTCacheOutput=" + fresh);
    builder.environment().put("REVFS_JDK", System.getProperty("java.home"));
    Process training = builder.start();
    try {
      if (!training.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)) {
        training.destroyForcibly();
      }
    } catch (InterruptedException e) {
      training.destroyForcibly();
      Thread.currentThread().interrupt();
      throw new IOException(e);
    }
    if (Files.exists(fresh)) { // commands work without it too
      Files.move(fresh, archive, StandardCopyOption.ATOMIC_MOVE);
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
