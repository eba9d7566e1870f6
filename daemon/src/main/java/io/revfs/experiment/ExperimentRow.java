package io.revfs.experiment;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * An experiment below the commit it began with.
 *
 * @param executor who runs it or ran it, if that is known
 */
public record ExperimentRow(ExperimentState state, Optional<Executor> executor, String name) {
  /** What became of a run. */
  public enum Outcome {
    SUCCESS,
    QUEUED,
    RUNNING,
    FAILED
  }

  /**
   * Who runs an experiment.
   *
   * @param place {@code workspace}, {@code tempdir} or {@code dvc-task}; absent where nobody does
   * @param root the directory it runs in
   * @param log what it printed
   * @param task the task's id in the queue
   */
  public record Executor(
      Outcome outcome,
      Optional<String> place,
      Optional<String> root,
      Optional<String> log,
      OptionalLong pid,
      OptionalInt exit,
      Optional<String> task) {
    /** Returns it as DVC's JSON has it. */
    Map<String, @Nullable Object> json() {
      Map<String, @Nullable Object> local = new LinkedHashMap<>();
      local.put("root", root.orElse(null));
      local.put("log", log.orElse(null));
      local.put("pid", pid.isPresent() ? (Long) pid.getAsLong() : null);
      local.put("returncode", exit.isPresent() ? (Integer) exit.getAsInt() : null);
      local.put("task_id", task.orElse(null));
      Map<String, @Nullable Object> json = new LinkedHashMap<>();
      json.put("state", outcome.name().toLowerCase(java.util.Locale.ROOT));
      json.put("name", place.orElse(null));
      json.put("local", local);
      return json;
    }
  }
}
