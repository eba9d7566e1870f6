package io.revfs.stage;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Parameters of one file that a stage depends on.
 *
 * @param keys dotted; none for the whole file
 * @param locked values by dotted key as {@code dvc.lock} has them; empty if there are none
 */
public record ParamsDep(
    StageId owner, Place place, List<String> keys, Optional<Map<String, @Nullable Object>> locked) {
  /** Returns whether all of the file is tracked. */
  public boolean isWholeFile() {
    return keys.isEmpty();
  }
}
