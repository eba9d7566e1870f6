package io.revfs.index;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.lmdbjava.Meta;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * LMDB's library. lmdbjava unpacks it into a file that it removes when the process ends, so each
 * process that is killed would leave one. But once it is loaded nobody needs its name.
 */
final class LmdbLibrary {
  private static final Logger log = LoggerFactory.getLogger(LmdbLibrary.class);
  private static final String EXTRACT_DIRECTORY = "lmdbjava.extract.dir";

  static {
    boolean chosen =
        System.getProperty(EXTRACT_DIRECTORY) != null
            || System.getProperty("lmdbjava.native.lib") != null;
    if (!chosen) {
      try {
        load();
      } catch (IOException e) {
        // lmdbjava unpacks it itself, then
        System.clearProperty(EXTRACT_DIRECTORY);
        log.debug("LMDB's library is left in a file: {}", e.toString());
      }
    }
  }

  private LmdbLibrary() {}

  /** Returns once it is loaded. */
  static void await() {
    // by loading this class
  }

  private static void load() throws IOException {
    Path directory = Files.createTempDirectory("revfs-lmdb");
    System.setProperty(EXTRACT_DIRECTORY, directory.toString());
    log.debug("LMDB {}", Meta.version());
    List<Path> files;
    try (var listed = Files.list(directory)) {
      files = listed.toList();
    }
    for (Path file : files) {
      Files.deleteIfExists(file);
    }
    Files.deleteIfExists(directory);
  }
}
