package io.revfs.experiment;

import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/**
 * A commit, a queued experiment or the work tree, and what it holds.
 *
 * @param revision a full id, or {@code workspace}
 * @param time when it was committed
 * @param values absent if they could not be read
 * @param error why they could not be read, or why the experiment failed: {@code msg}, {@code type}
 */
public record ExperimentState(
    String revision,
    Optional<String> name,
    Optional<Instant> time,
    Optional<ExperimentValues> values,
    Optional<Map<String, String>> error) {
  /** Returns the same under another name. */
  public ExperimentState named(Optional<String> other) {
    return new ExperimentState(revision, other, time, values, error);
  }
}
