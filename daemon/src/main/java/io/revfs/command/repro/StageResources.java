package io.revfs.command.repro;

import io.revfs.command.CommandFailure;
import io.revfs.stage.Stage;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/** What a stage says that it needs where it runs: {@code meta.revfs.resources}. */
final class StageResources {
  private static final Set<String> KNOWN = Set.of("cpus", "memory", "gpus", "time", "partition");

  private StageResources() {}

  /**
   * Returns it, as texts by name; nothing if nothing is said.
   *
   * @throws CommandFailure if it is nothing that can be asked for
   */
  static Map<String, String> of(Stage stage, String name) throws CommandFailure {
    Map<String, String> resources = new LinkedHashMap<>();
    if (!(stage.details().meta() instanceof Map<?, ?> meta)
        || !(meta.get("revfs") instanceof Map<?, ?> own)
        || !own.containsKey("resources")) {
      return resources;
    }
    if (!(own.get("resources") instanceof Map<?, ?> given)) {
      throw failure(name, "must be a map");
    }
    for (Map.Entry<?, ?> entry : given.entrySet()) {
      String key = String.valueOf(entry.getKey());
      if (!KNOWN.contains(key)) {
        throw failure(name, "has no '" + key + "'; there are cpus, gpus, memory, partition, time");
      }
      if (!(entry.getValue() instanceof String || entry.getValue() instanceof Long)) {
        throw failure(name, "needs a number or text for '" + key + "'");
      }
      resources.put(key, String.valueOf(entry.getValue()));
    }
    return resources;
  }

  private static CommandFailure failure(String name, String what) {
    return new CommandFailure(
        "meta.revfs.resources of stage '%s' %s".formatted(name, what),
        "correct it in dvc.yaml; see: revfs schema",
        CommandFailure.OTHER);
  }
}
