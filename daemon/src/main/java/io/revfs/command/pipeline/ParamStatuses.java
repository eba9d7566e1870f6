package io.revfs.command.pipeline;

import io.revfs.command.CommandFailure;
import io.revfs.command.Invocation;
import io.revfs.command.tracking.DepStatuses;
import io.revfs.command.tracking.Session;
import io.revfs.dvc.DvcFormatException;
import io.revfs.metric.KeyPaths;
import io.revfs.metric.PythonValues;
import io.revfs.metric.ValueFiles;
import io.revfs.posix.FileStat;
import io.revfs.posix.Posix;
import io.revfs.project.Project;
import io.revfs.reach.Passages;
import io.revfs.stage.Dep;
import io.revfs.stage.ParamsDep;
import io.revfs.stage.Stage;
import io.revfs.workspace.store.Clock;
import io.revfs.workspace.store.Names;
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
  private final Clock clock = new Clock();
  private volatile @Nullable Parsed parsed;

  /**
   * What a file held.
   *
   * @param stat what the kernel said of it before it was read
   * @param settled whether it cannot have changed without the kernel saying something else
   */
  private record Parsed(
      Path file,
      FileStat stat,
      boolean settled,
      byte[] content,
      Map<String, @Nullable Object> values) {}

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
    long now = Clock.now();
    FileStat stat = Posix.stat(Posix.AT_FDCWD, Names.bytes(file), true);
    if (stat == null && !Passages.exists(file)) {
      return Optional.of("deleted");
    }
    if (params.locked().isEmpty()) {
      return Optional.of("new");
    }
    Map<String, @Nullable Object> locked = params.locked().get();
    Map<String, @Nullable Object> values = values(params, file, stat, now);
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

  /** Stages that ask for the same file one after another have it read and parsed once. */
  private Map<String, @Nullable Object> values(
      ParamsDep params, Path file, @Nullable FileStat stat, long now) throws IOException {
    @Nullable Parsed before = parsed;
    @Nullable Parsed last = before != null && before.file().equals(file) ? before : null;
    if (last != null && stat != null && last.settled() && stat.isUnchanged(last.stat())) {
      return last.values();
    }
    byte[] content = Passages.readAllBytes(file);
    boolean settled = stat != null && clock.isSettled(stat, now);
    try {
      Map<String, @Nullable Object> values =
          last != null && Arrays.equals(last.content(), content)
              ? last.values()
              : ValueFiles.parameters(params.place().path(), content);
      if (stat != null) {
        parsed = new Parsed(file, stat, settled, content, values);
      }
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
