package io.revfs.seal;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.revfs.config.DurableFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The file that tells the next process which commits are sealed. What it says is checked against
 * the kernel's table of mounts, so one that is lost costs a new overlay and no more.
 */
final class SealJournal {
  private static final Logger log = LoggerFactory.getLogger(SealJournal.class);
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Path file;

  /**
   * One sealed commit.
   *
   * @param layer the object layer's identity
   */
  record Line(String mountPoint, String commit, String image, String layer) {}

  SealJournal(Path file) {
    this.file = file;
  }

  List<Line> read() {
    try {
      return JSON.readValue(Files.readAllBytes(file), new TypeReference<>() {});
    } catch (NoSuchFileException e) {
      return List.of();
    } catch (IOException e) {
      log.warn("{} cannot be read ({}); commits are sealed anew", file, e.getMessage());
      return List.of();
    }
  }

  void write(List<Line> lines) {
    try {
      DurableFile.replace(file, JSON.writeValueAsBytes(lines));
    } catch (IOException e) {
      log.warn("{} cannot be written: {}", file, e.getMessage());
    }
  }
}
