package io.revfs.command.experiment.live;

import io.revfs.metric.ValueDiff;
import io.revfs.metric.ValueFiles;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * Files that a run writes as it goes, in DVCLive's layout: {@code dvclive/metrics.json} with the
 * latest values, {@code dvclive/plots/metrics/NAME.tsv} with a line for each step.
 */
final class LiveFiles {
  private static final String DIRECTORY = "dvclive";
  private static final String METRICS = "metrics.json";
  private static final String SERIES = "plots/metrics";
  private static final String SUFFIX = ".tsv";
  private static final String STEP = "step";
  private static final int TAIL_BYTES = 4096;
  private static final int MOST_SERIES = 1000;

  private LiveFiles() {}

  /** Returns the directories of live files at a root, or one level below it. */
  static List<Path> directories(Path root) throws IOException {
    List<Path> found = new ArrayList<>();
    addIfLive(root.resolve(DIRECTORY), found);
    try (DirectoryStream<Path> all = Files.newDirectoryStream(root, Files::isDirectory)) {
      for (Path one : all) {
        if (!String.valueOf(one.getFileName()).startsWith(".")) {
          addIfLive(one.resolve(DIRECTORY), found);
        }
      }
    }
    found.sort(null);
    return found;
  }

  private static void addIfLive(Path directory, List<Path> found) {
    if (Files.isRegularFile(directory.resolve(METRICS))
        || Files.isDirectory(directory.resolve(SERIES))) {
      found.add(directory);
    }
  }

  /**
   * Returns how far a run is. What is being written at this moment counts at the next look.
   *
   * @param root of the tree that it runs in
   */
  static LiveState read(String experiment, Path root, Path directory) throws IOException {
    Map<String, Object> metrics = new TreeMap<>();
    long step = Long.MIN_VALUE;
    for (Path series : series(directory.resolve(SERIES))) {
      Map<String, String> last = lastRow(series);
      String name = name(directory.resolve(SERIES), series);
      String column = name.substring(name.lastIndexOf('.') + 1);
      String value = last.get(column);
      if (value != null) {
        metrics.put(name, number(value));
      }
      String at = last.get(STEP);
      if (at != null && at.matches("\\d{1,18}")) {
        step = Math.max(step, Long.parseLong(at));
      }
    }
    for (Map.Entry<String, Object> latest : latest(directory.resolve(METRICS)).entrySet()) {
      if (latest.getKey().equals(STEP) && latest.getValue() instanceof Number number) {
        step = Math.max(step, number.longValue());
      } else {
        metrics.put(latest.getKey(), latest.getValue());
      }
    }
    return new LiveState(
        experiment,
        root.relativize(directory).toString(),
        step == Long.MIN_VALUE ? OptionalLong.empty() : OptionalLong.of(step),
        metrics);
  }

  private static Map<String, Object> latest(Path file) {
    Map<String, Object> values = new LinkedHashMap<>();
    try {
      if (Files.isRegularFile(file)
          && ValueFiles.parse(METRICS, Files.readAllBytes(file)) instanceof Map<?, ?> map) {
        ValueDiff.flattened(map)
            .forEach(
                (name, value) -> {
                  if (value != null) {
                    values.put(name, value);
                  }
                });
      }
    } catch (IOException e) {
      return values; // half written
    }
    return values;
  }

  private static List<Path> series(Path directory) throws IOException {
    if (!Files.isDirectory(directory)) {
      return List.of();
    }
    try (Stream<Path> all = Files.walk(directory)) {
      return all.filter(file -> file.toString().endsWith(SUFFIX))
          .limit(MOST_SERIES)
          .sorted()
          .toList();
    }
  }

  private static String name(Path directory, Path file) {
    String path = directory.relativize(file).toString();
    return path.substring(0, path.length() - SUFFIX.length()).replace('/', '.');
  }

  /** Returns the columns of the last line that is complete. */
  private static Map<String, String> lastRow(Path file) throws IOException {
    Map<String, String> row = new LinkedHashMap<>();
    try (java.io.RandomAccessFile in = new java.io.RandomAccessFile(file.toFile(), "r")) {
      String header = in.readLine();
      if (header == null) {
        return row;
      }
      long from = Math.max(in.getFilePointer(), in.length() - TAIL_BYTES);
      in.seek(from);
      byte[] tail = new byte[(int) Math.max(0, in.length() - from)];
      in.readFully(tail);
      String text = new String(tail, StandardCharsets.UTF_8);
      int end = text.lastIndexOf('\n');
      if (end < 0) {
        return row;
      }
      String line = text.substring(text.lastIndexOf('\n', end - 1) + 1, end).strip();
      String[] names = header.strip().split("\t", -1);
      String[] cells = line.split("\t", -1);
      for (int i = 0; i < Math.min(names.length, cells.length); i++) {
        row.put(names[i], cells[i]);
      }
    }
    return row;
  }

  private static Object number(String text) {
    try {
      return text.matches("-?\\d{1,18}") ? (Object) Long.parseLong(text) : Double.valueOf(text);
    } catch (NumberFormatException e) {
      return text;
    }
  }
}
