package io.revfs.dvc.lock;

import io.revfs.dvc.DvcFormatException;
import io.revfs.dvc.EntryReader;
import io.revfs.dvc.Output;
import io.revfs.dvc.YamlMap;
import io.revfs.dvc.YamlValues;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.nodes.Node;

/** A {@code dvc.lock}: stages by name, as they were when they last ran. */
public record DvcLock(Map<String, LockedStage> stages) {
  private static final String SCHEMA = "2.0";

  /** Parses the file; {@code file} is its path for messages. */
  public static DvcLock parse(String file, byte[] content) throws DvcFormatException {
    YamlMap map = YamlMap.parse(file, content);
    Map<String, LockedStage> stages = new LinkedHashMap<>();
    if (map.keys().isEmpty()) {
      return new DvcLock(stages);
    }
    Optional<String> schema = map.text("schema");
    if (schema.isEmpty()) {
      throw new DvcFormatException(
          file, 1, "no 'schema': a dvc.lock of DVC 1, which DVC 3 does not read either");
    }
    if (!schema.get().equals(SCHEMA)) {
      throw new DvcFormatException(
          file, map.line("schema"), "schema '" + schema.get() + "' is not known (2.0 is)");
    }
    Optional<YamlMap> all = map.map("stages");
    if (all.isPresent()) {
      for (String name : all.get().keys()) {
        Optional<YamlMap> stage = all.get().map(name);
        if (stage.isPresent()) {
          stages.put(name, stage(stage.get()));
        }
      }
    }
    return new DvcLock(stages);
  }

  private static LockedStage stage(YamlMap map) throws DvcFormatException {
    List<Output> dependencies = new ArrayList<>();
    for (YamlMap dependency : map.maps("deps")) {
      dependencies.add(EntryReader.output(dependency));
    }
    List<Output> outputs = new ArrayList<>();
    for (YamlMap output : map.maps("outs")) {
      outputs.add(EntryReader.output(output));
    }
    Map<String, Map<String, @Nullable Object>> parameters = new LinkedHashMap<>();
    Optional<YamlMap> files = map.map("params");
    if (files.isPresent()) {
      for (String file : files.get().keys()) {
        Map<String, @Nullable Object> values = new LinkedHashMap<>();
        Optional<Node> node = files.get().node(file);
        if (node.isPresent() && YamlValues.of(map.file(), node.get()) instanceof Map<?, ?> all) {
          all.forEach((key, value) -> values.put(String.valueOf(key), value));
        }
        parameters.put(file, values);
      }
    }
    Optional<Node> command = map.node("cmd");
    Object value = command.isEmpty() ? null : YamlValues.of(map.file(), command.get());
    return new LockedStage(value == null ? "" : value, dependencies, parameters, outputs);
  }
}
