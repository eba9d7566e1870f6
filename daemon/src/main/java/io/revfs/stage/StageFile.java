package io.revfs.stage;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What one {@code .dvc} file or {@code dvc.yaml} says.
 *
 * @param path from the project's root
 * @param metrics files named at the top, relative to the file
 * @param params files named at the top, relative to the file
 * @param plots as defined at the top: paths, or maps of an id to properties
 * @param artifacts by id
 */
public record StageFile(
    String path,
    List<Stage> stages,
    List<String> metrics,
    List<String> params,
    List<?> plots,
    Map<String, @Nullable Object> artifacts,
    List<?> datasets) {
  /** Returns a file of stages only. */
  static StageFile of(String path, Stage stage) {
    return new StageFile(
        path, List.of(stage), List.of(), List.of(), List.of(), Map.of(), List.of());
  }
}
