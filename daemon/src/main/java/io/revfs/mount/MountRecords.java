package io.revfs.mount;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.revfs.config.DurableFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;

/** The file that remembers mounts over restarts. Not thread-safe. */
final class MountRecords {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Path file;

  MountRecords(Path file) {
    this.file = file;
  }

  List<MountRequest> read() throws IOException {
    try {
      return JSON.readValue(Files.readAllBytes(file), new TypeReference<>() {});
    } catch (NoSuchFileException e) {
      return List.of();
    }
  }

  /** Replaces the file; a crash leaves the one before or the one after. */
  void write(Collection<MountRequest> records) {
    try {
      DurableFile.replace(file, JSON.writerWithDefaultPrettyPrinter().writeValueAsBytes(records));
    } catch (IOException e) {
      throw new UncheckedIOException("cannot remember the mounts in " + file, e);
    }
  }
}
