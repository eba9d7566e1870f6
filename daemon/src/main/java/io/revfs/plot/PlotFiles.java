package io.revfs.plot;

import io.revfs.metric.DataFiles;
import io.revfs.metric.ValueFiles;
import io.revfs.text.RelativePaths;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Reads files of data points (JSON, YAML, TOML, Python, CSV, TSV) and pictures, as long as all
 * together are small enough for the memory: each is to be {@linkplain #plan planned} before any is
 * read. Reading is thread-safe.
 */
final class PlotFiles {
  private static final Set<String> PICTURES = Set.of("jpg", "jpeg", "gif", "png", "svg");
  private static final Set<String> TABLES = Set.of("csv", "tsv");
  private static final Set<String> VALUES = Set.of("json", "yaml", "yml", "toml", "py");

  /** YAML is made of nodes that know their places before it is made of values. */
  private static final int YAML_COUNTS = 6;

  private final long most;
  private final Map<Source, IOException> refused = new HashMap<>();
  private long planned;

  /**
   * A file of one revision.
   *
   * @param name as it is shown
   * @param path from the project's root
   */
  record Source(DataFiles files, String name, String path) {}

  /** {@code most} bytes are read. */
  PlotFiles(long most) {
    this.most = most;
  }

  /** Returns whether a name is that of a picture. */
  static boolean isPicture(String name) {
    return PICTURES.contains(extension(name));
  }

  private static String extension(String name) {
    String last = RelativePaths.name(name);
    int dot = last.lastIndexOf('.');
    return dot <= 0 ? "" : last.substring(dot + 1).toLowerCase(Locale.ROOT);
  }

  /** Takes a file into account; it is refused if there is no room for it. */
  void plan(Source source) {
    int counts = extension(source.name()).startsWith("y") ? YAML_COUNTS : 1;
    try {
      long size = isKnown(source.name()) ? source.files().size(source.path()).orElse(0) : 0;
      if (planned + size * counts <= most) {
        planned += size * counts; // those after one that is too large may still fit
        return;
      }
      throw new PlotException(
          "OSError",
          "'%s' (%d KiB) is not shown: data of plots may have %d KiB together; give the daemon%s"
              .formatted(
                  source.name(),
                  size >> 10,
                  (most / counts) >> 10,
                  " more memory (REVFS_MEMORY_MIB), or ask for fewer plots or revisions"));
    } catch (IOException e) {
      refused.put(source, e);
    }
  }

  /** Returns the bytes that count for memory. */
  long planned() {
    return planned;
  }

  private static boolean isKnown(String name) {
    String extension = extension(name);
    return Stream.of(PICTURES, TABLES, VALUES).anyMatch(known -> known.contains(extension));
  }

  /**
   * Reads a file.
   *
   * @param header whether the first line of a table names its columns
   */
  PlotSource read(Source source, boolean header) {
    try {
      return readOrFail(source, header);
    } catch (IOException e) {
      return new PlotSource.Failed(e);
    }
  }

  private PlotSource readOrFail(Source source, boolean header) throws IOException {
    String name = source.name();
    if (!isKnown(name)) {
      throw new PlotException(
          "PlotMetricTypeError",
          "'" + name + "' is no plot: only JSON, YAML, CSV, TSV and pictures are");
    }
    IOException reason = refused.get(source);
    if (reason != null) {
      throw reason;
    }
    Optional<byte[]> bytes = source.files().read(source.path());
    if (bytes.isEmpty()) {
      throw new FileNotFoundException("'" + name + "' does not exist");
    }
    if (isPicture(name)) {
      return new PlotSource.Picture(bytes.get());
    }
    String extension = extension(name);
    Object content =
        TABLES.contains(extension)
            ? table(name, bytes.get(), extension, header)
            : ValueFiles.parse(name, bytes.get());
    return content == null || content.equals(List.of()) || content.equals(Map.of())
        ? new PlotSource.Nothing()
        : new PlotSource.Values(content);
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
