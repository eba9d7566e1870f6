package io.revfs.command.pipeline;

import io.revfs.command.CommandFailure;
import io.revfs.command.Invocation;
import io.revfs.command.tracking.DepStatuses;
import io.revfs.command.tracking.Session;
import io.revfs.dvc.DvcFormatException;
import io.revfs.metric.KeyPaths;
import io.revfs.metric.PythonValues;
import io.revfs.metric.ValueFiles;
import io.revfs.project.Project;
import io.revfs.reach.Passages;
import io.revfs.stage.Dep;
import io.revfs.stage.ParamsDep;
import io.revfs.stage.Stage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * How parameters differ from what {@code dvc.lock} remembers, by value as Python compares; another
 * answers for dependencies that are no parameters. Thread-safe.
 */
public final class ParamStatuses implements DepStatuses {
  private final DepStatuses others;
  private volatile @Nullable Parsed parsed;

  private record Parsed(String path, byte[] content, Map<String, @Nullable Object> values) {}

  /**
   * @param others answers for what is no parameter
   */
  public ParamStatuses(DepStatuses others) {
    this.others = others;
  }

  @Override
  public Optional<Object> of(Invocation call, Project project, Stage stage, ParamsDep params)
      throws IOException {
    Path file = params.place().file(project.root());
    if (!Passages.exists(file)) {
      return Optional.of("deleted");
    }
    if (params.locked().isEmpty()) {
      return Optional.of("new");
    }
    Map<String, @Nullable Object> locked = params.locked().get();
    Map<String, @Nullable Object> values = values(params, file);
    Set<String> keys = new LinkedHashSet<>(params.keys());
    if (params.isWholeFile()) {
      keys.addAll(values.keySet());
      keys.addAll(locked.keySet());
    }
    Map<String, String> changed = new LinkedHashMap<>();
    for (String key : keys) {
      Optional<KeyPaths.Found> found =
          params.isWholeFile()
              ? Optional.of(values)
                  .filter(map -> map.containsKey(key))
                  .map(map -> new KeyPaths.Found(map.get(key)))
              : KeyPaths.get(values, key);
      if (found.isEmpty()) {
        changed.put(key, "deleted");
      } else if (!locked.containsKey(key)) {
        changed.put(key, "new");
      } else if (!PythonValues.equal(found.get().value(), locked.get(key))) {
        changed.put(key, "modified");
      }
    }
    return changed.isEmpty() ? Optional.empty() : Optional.of(changed);
  }

  /** Stages that ask for the same file one after another have it parsed once. */
  private Map<String, @Nullable Object> values(ParamsDep params, Path file) throws IOException {
    byte[] content = Passages.readAllBytes(file);
    Parsed last = parsed;
    String path = params.place().path();
    if (last != null && last.path().equals(path) && Arrays.equals(last.content(), content)) {
      return last.values();
    }
    try {
      Map<String, @Nullable Object> values = ValueFiles.parameters(path, content);
      parsed = new Parsed(path, content, values);
      return values;
    } catch (DvcFormatException e) {
      throw new CommandFailure(
          "the parameters in '%s' cannot be read: %s"
              .formatted(params.place().written(), e.getMessage()),
          "mend the file",
          CommandFailure.OTHER,
          e);
    }
  }

  @Override
  public Optional<Map.Entry<String, String>> of(Session session, Stage stage, Dep dep)
      throws IOException {
    return others.of(session, stage, dep);
  }

  @Override
  public boolean isChecksumChanged(Project project, Stage stage) throws IOException {
    return others.isChecksumChanged(project, stage);
  }

  @Override
  public boolean isShown(Stage stage) {
    return others.isShown(stage);
  }
}
