package io.revfs.metric;

import io.revfs.dvc.pipeline.PipelineFile;
import io.revfs.stage.ParamsDep;
import io.revfs.stage.Stage;
import io.revfs.stage.StageFile;
import io.revfs.stage.view.FileView;
import io.revfs.text.RelativePaths;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Parameters of a revision: those that stages depend on, files named at the top of {@code dvc.yaml}
 * files, the default file, and variables that templates used.
 */
public final class ParamsReader {
  private ParamsReader() {}

  /**
   * Returns parameters by file, paths being from the project's root.
   *
   * @param targets files from the root; none for all
   * @param depsOnly whether only what stages depend on is asked for
   */
  public static Map<String, FileValues> read(
      Revision revision, List<String> targets, boolean depsOnly) throws IOException {
    Map<String, FileValues> values = new LinkedHashMap<>();
    for (Map.Entry<String, List<String>> file : files(revision, targets, depsOnly).entrySet()) {
      Set<String> paths = Set.of(file.getKey());
      for (String path : MetricsReader.expand(revision.files(), paths)) {
        values.put(path, read(revision.files(), path, file.getValue()));
      }
    }
    if (targets.isEmpty()) {
      variables(revision).forEach(values::putIfAbsent);
    }
    return values;
  }

  /** Returns which keys of which files are asked for; no keys are all of them. */
  private static Map<String, List<String>> files(
      Revision revision, List<String> targets, boolean depsOnly) throws IOException {
    Map<String, List<String>> files = new LinkedHashMap<>();
    Set<String> whole = new HashSet<>(targets);
    targets.forEach(target -> files.put(target, new ArrayList<>()));
    if (targets.isEmpty()) {
      for (Stage stage : revision.stages().stages()) {
        for (ParamsDep params : stage.params()) {
          files
              .computeIfAbsent(params.place().path(), p -> new ArrayList<>())
              .addAll(params.keys());
          if (params.isWholeFile()) {
            whole.add(params.place().path());
          }
        }
      }
      if (!depsOnly) {
        topLevel(revision).forEach(path -> files.put(path, new ArrayList<>()));
        whole.addAll(topLevel(revision));
      }
    }
    files.forEach(
        (path, keys) -> {
          if (whole.contains(path)) {
            keys.clear();
          }
        });
    return files;
  }

  private static List<String> topLevel(Revision revision) throws IOException {
    List<String> paths = new ArrayList<>();
    for (StageFile file : revision.stages().files().values()) {
      for (String path : file.params()) {
        paths.add(RelativePaths.join(RelativePaths.parent(file.path()), path));
      }
    }
    if (revision.files().kind(PipelineFile.DEFAULT_PARAMETERS) == FileView.Kind.FILE) {
      paths.add(PipelineFile.DEFAULT_PARAMETERS);
    }
    return paths;
  }

  private static FileValues read(DataFiles files, String path, List<String> keys) {
    try {
      Object all = ValueFiles.parse(path, MetricsReader.content(files, path));
      return FileValues.of(keys.isEmpty() ? all : KeyPaths.only(all, keys));
    } catch (IOException e) {
      return FileValues.failed(e);
    }
  }

  /** Values that templates took from files which are not shown anyway. */
  private static Map<String, FileValues> variables(Revision revision) {
    Map<String, Map<String, @Nullable Object>> byFile = new TreeMap<>();
    for (Stage stage : revision.stages().stages()) {
      stage
          .details()
          .used()
          .forEach(
              (file, values) ->
                  byFile.computeIfAbsent(file, f -> new LinkedHashMap<>()).putAll(values));
    }
    Map<String, FileValues> result = new LinkedHashMap<>();
    byFile.forEach((file, values) -> result.put(file, FileValues.of(values)));
    return result;
  }
}
