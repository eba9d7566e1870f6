package io.revfs.command.experiment.live;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalLong;

/**
 * How far a run is.
 *
 * @param experiment its name; {@code workspace} for what a person runs without one
 * @param directory of its live files, from the root of the tree that it runs in
 * @param step the last one it logged
 * @param metrics dotted names and values as they were logged last
 */
public record LiveState(
    String experiment, String directory, OptionalLong step, Map<String, Object> metrics) {
  /** Returns it as JSON has it. */
  public Map<String, Object> json() {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("experiment", experiment);
    json.put("directory", directory);
    step.ifPresent(value -> json.put("step", value));
    json.put("metrics", metrics);
    return json;
  }
}
