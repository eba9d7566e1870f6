package io.revfs.dvc.lock;

import io.revfs.dvc.Output;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A stage as {@code dvc.lock} has it: what it was when it last ran.
 *
 * @param command text or a list
 * @param dependencies in the form that outputs have, too
 * @param parameters by file, then by dotted key
 */
public record LockedStage(
    Object command,
    List<Output> dependencies,
    Map<String, Map<String, @Nullable Object>> parameters,
    List<Output> outputs) {
  public LockedStage {
    dependencies = List.copyOf(dependencies);
    outputs = List.copyOf(outputs);
  }
}
