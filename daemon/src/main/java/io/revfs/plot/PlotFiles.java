package io.revfs.plot;

import io.revfs.metric.DataFiles;
import io.revfs.metric.ValueFiles;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Reads files of data points (JSON, YAML, TOML, Python, CSV, TSV) and pictures, as long as all
 * together are small enough for the memory. Thread-safe.
 */
final class PlotFiles {
  private static final Set<String> PICTURES = Set.of("jpg", "jpeg", "gif", "png", "svg");
  private static final Set<String> TABLES = Set.of("csv", "tsv");
  private static final Set<String> VALUES = Set.of("json", "yaml", "yml", "toml", "py");

  /** A short cell of text takes some 90 bytes as an object, is copied once and written as JSON. */
  private static final int SHARE_OF_HEAP = 32;

  private final long most;
  private final AtomicLong taken = new AtomicLong();

  PlotFiles() {
    this(Runtime.getRuntime().maxMemory() / SHARE_OF_HEAP);
  }

  /** {@code most} bytes are read. */
  PlotFiles(long most) {
    this.most = most;
  }

  /** Returns whether a name is that of a picture. */
  static boolean isPicture(String name) {
    return PICTURES.contains(extension(name));
  }

  private static String extension(String name) {
    String last = name.substring(name.lastIndexOf('/') + 1);
    int dot = last.lastIndexOf('.');
    return dot <= 0 ? "" : last.substring(dot + 1).toLowerCase(Locale.ROOT);
  }

  /**
   * Reads a file.
   *
   * @param name as it is shown
   * @param path from the project's root
   * @param header whether the first line of a table names its columns
   */
  PlotSource read(DataFiles files, String name, String path, boolean header) {
    try {
      String extension = extension(name);
      boolean picture = PICTURES.contains(extension);
      boolean table = TABLES.contains(extension);
      if (!picture && !table && !VALUES.contains(extension)) {
        throw new PlotException(
            "PlotMetricTypeError",
            "'" + name + "' is no plot: only JSON, YAML, CSV, TSV and pictures are");
      }
      byte[] bytes = bytes(files, name, path);
      if (picture) {
        return new PlotSource.Picture(bytes);
      }
      Object content =
          table ? table(name, bytes, extension, header) : ValueFiles.parse(name, bytes);
      return content == null || content.equals(List.of()) || content.equals(Map.of())
          ? new PlotSource.Nothing()
          : new PlotSource.Values(content);
    } catch (IOException e) {
      return new PlotSource.Failed(e);
    }
  }

  private byte[] bytes(DataFiles files, String name, String path) throws IOException {
    long size = files.size(path).orElse(0);
    if (taken.addAndGet(size) > most) {
      taken.addAndGet(-size); // smaller ones may still fit
      throw new PlotException(
          "OSError",
          "'%s' (%d KiB) is not shown: all data of plots may have %d MiB together; give the daemon"
                  .formatted(name, size >> 10, most >> 20)
              + " more memory (REVFS_MEMORY_MIB), or ask for fewer plots or revisions");
    }
    Optional<byte[]> bytes = files.read(path);
    if (bytes.isEmpty()) {
      throw new FileNotFoundException("'" + name + "' does not exist");
    }
    return bytes.get();
  }

  private static Object table(String name, byte[] bytes, String extension, boolean header)
      throws PlotException {
    try {
      String text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
      return CsvTable.parse(text, extension.equals("tsv") ? '\t' : ',', header);
    } catch (CharacterCodingException e) {
      throw new PlotException("EncodingError", "unable to read: '" + name + "', is not valid utf8");
    }
  }
}
