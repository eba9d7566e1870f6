package io.revfs.tree;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.revfs.config.DurableFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;

/**
 * The file that keeps the views of all mounts. Not in the index: that can be rebuilt, and this is
 * what people chose. Thread-safe.
 */
public final class ViewFile {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Path file;

  @GuardedBy("this")
  private final Map<String, Map<String, String>> views = new TreeMap<>();

  /**
   * @throws IOException if the file is there and cannot be read
   */
  public ViewFile(Path file) throws IOException {
    this.file = file;
    try {
      views.putAll(JSON.readValue(Files.readAllBytes(file), new TypeReference<>() {}));
    } catch (NoSuchFileException e) {
      return; // the first start
    }
  }

  /** Returns a mount's views and their commits. */
  synchronized Map<String, String> all(String mount) {
    return new TreeMap<>(views.getOrDefault(mount, Map.of()));
  }

  /** Points a view to a commit; when this returns it is on the disk. */
  synchronized void set(String mount, String view, String commit) {
    Map<String, String> of = views.computeIfAbsent(mount, m -> new TreeMap<>());
    if (commit.equals(of.put(view, commit))) {
      return;
    }
    try {
      DurableFile.replace(file, JSON.writerWithDefaultPrettyPrinter().writeValueAsBytes(views));
    } catch (IOException e) {
      throw new UncheckedIOException("cannot remember the view in " + file, e);
    }
  }
}
