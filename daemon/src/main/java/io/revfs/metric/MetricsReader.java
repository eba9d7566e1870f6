package io.revfs.metric;

import io.revfs.stage.Out;
import io.revfs.stage.StageFile;
import io.revfs.stage.view.FileView;
import io.revfs.text.RelativePaths;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Metrics of a revision: of stages and of the top of {@code dvc.yaml} files. */
public final class MetricsReader {
  private MetricsReader() {}

  /**
   * Returns metrics by file, paths being from the project's root.
   *
   * @param targets files or directories from the root; none for all metrics
   */
  public static Map<String, FileValues> read(Revision revision, List<String> targets)
      throws IOException {
    Set<String> paths = new LinkedHashSet<>(targets);
    if (targets.isEmpty()) {
      for (Out out : revision.stages().outs()) {
        if (out.isMetric() && out.place().isInProject()) {
          paths.add(out.path());
        }
      }
      for (StageFile file : revision.stages().files().values()) {
        for (String path : file.metrics()) {
          paths.add(RelativePaths.join(RelativePaths.parent(file.path()), path));
        }
      }
    }
    Map<String, FileValues> values = new LinkedHashMap<>();
    for (String path : expand(revision.files(), paths)) {
      boolean tracked = revision.stages().outContaining(path).filter(Out::cached).isPresent();
      values.put(path, read(revision.files(), path, tracked));
    }
    return values;
  }

  /** Puts files in the places of directories. */
  static List<String> expand(DataFiles files, Set<String> paths) throws IOException {
    List<String> expanded = new ArrayList<>();
    for (String path : paths) {
      if (files.kind(path) == FileView.Kind.DIRECTORY) {
        expanded.addAll(files.filesBelow(path));
      } else {
        expanded.add(path);
      }
    }
    return expanded;
  }

  private static FileValues read(DataFiles files, String path, boolean tracked) {
    try {
      byte[] content = files.read(path).orElseThrow(() -> new MissingFileException(path, tracked));
      Object value = ValueFiles.parse(path, content);
      Object metrics = metrics(value);
      return FileValues.of(metrics == null || isFalse(metrics) ? Map.of() : metrics);
    } catch (IOException e) {
      return FileValues.failed(e);
    }
  }

  static byte[] content(DataFiles files, String path) throws IOException {
    return files.read(path).orElseThrow(() -> new MissingFileException(path, false));
  }

  /** A file that holds 0, false or nothing else counts as holding no metrics, as with DVC. */
  private static boolean isFalse(Object value) {
    return value.equals(0L)
        || value.equals(0.0)
        || value.equals(false)
        || value.equals("")
        || value.equals(Map.of());
  }

  /** Takes out what is no metric: lists and nulls, and maps of nothing else. */
  private static @Nullable Object metrics(@Nullable Object value) {
    return switch (value) {
      case Map<?, ?> map -> {
        Map<String, @Nullable Object> result = new LinkedHashMap<>();
        map.forEach(
            (key, item) -> {
              Object metric = metrics(item);
              if (metric != null && !metric.equals(Map.of())) {
                result.put(String.valueOf(key), metric);
              }
            });
        yield result;
      }
      case List<?> list -> null;
      case null -> null;
      default -> value;
    };
  }
}
