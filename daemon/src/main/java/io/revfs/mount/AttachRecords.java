package io.revfs.mount;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.revfs.config.DurableFile;
import io.revfs.fuse.MountOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The file that remembers which working copies are attached. */
final class AttachRecords {
  private static final Logger log = LoggerFactory.getLogger(AttachRecords.class);
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Path file;

  /**
   * One working copy.
   *
   * @param directory its top
   * @param backend who is to speak with the kernel
   */
  record One(String directory, MountOptions.Backend backend) {
    static One of(Path top, MountOptions.Backend backend) {
      return new One(top.toString(), backend);
    }

    Path place() {
      return Path.of(directory);
    }
  }

  AttachRecords(Path file) {
    this.file = file;
  }

  List<One> read() throws IOException {
    List<One> all = new ArrayList<>();
    try {
      for (JsonNode one : JSON.readTree(Files.readAllBytes(file))) {
        // A name alone is how versions before this one wrote it.
        all.add(
            one.isTextual()
                ? new One(one.asText(), MountOptions.Backend.AUTO)
                : JSON.treeToValue(one, One.class));
      }
    } catch (NoSuchFileException e) {
      return List.of();
    }
    return all;
  }

  /** Replaces the file; a crash leaves the one before or the one after. */
  void write(List<One> all) {
    try {
      DurableFile.replace(file, JSON.writeValueAsBytes(all));
    } catch (IOException e) {
      log.warn("attached working copies are not remembered: {}", e.toString());
    }
  }
}
