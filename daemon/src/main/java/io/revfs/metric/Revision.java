package io.revfs.metric;

import io.revfs.stage.StageIndex;
import java.util.Optional;

/**
 * The project at one time.
 *
 * @param label how it was asked for; {@code workspace} for the work tree
 * @param commit its full id; empty for the work tree
 * @param stages all of its stages
 * @param files its files
 */
public record Revision(String label, Optional<String> commit, StageIndex stages, DataFiles files) {
  /** The label of the work tree. */
  public static final String WORKSPACE = "workspace";
}
