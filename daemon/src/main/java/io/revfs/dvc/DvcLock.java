package io.revfs.dvc;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A {@code dvc.lock}: the outputs of stages, by stage name, as they were when they last ran. */
public record DvcLock(Map<String, List<Output>> stages) {
  private static final String SCHEMA = "2.0";

  /** Parses the file; {@code file} is its path for messages. */
  public static DvcLock parse(String file, byte[] content) throws DvcFormatException {
    YamlMap map = YamlMap.parse(file, content);
    Map<String, List<Output>> stages = new LinkedHashMap<>();
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
        List<Output> outputs = new ArrayList<>();
        if (stage.isPresent()) {
          for (YamlMap out : stage.get().maps("outs")) {
            outputs.add(EntryReader.output(out));
          }
        }
        stages.put(name, outputs);
      }
    }
    return new DvcLock(stages);
  }
}
