package io.revfs.dvc.pipeline;

import io.revfs.dvc.DvcFormatException;
import io.revfs.dvc.YamlMap;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;

/** Where the parts of a {@code dvc.yaml} stand, by dotted name ({@code stages.train.cmd}). */
final class Lines {
  private static final int DEPTH = 4;

  private final String file;
  private final Map<String, Integer> lines = new HashMap<>();

  Lines(String file, Optional<Node> root) {
    this.file = file;
    root.ifPresent(node -> note("", node, 0));
  }

  private void note(String name, Node node, int depth) {
    if (depth < DEPTH && node instanceof MappingNode map) {
      for (NodeTuple entry : map.getValue()) {
        if (entry.getKeyNode() instanceof ScalarNode key) {
          String inner = name.isEmpty() ? key.getValue() : name + "." + key.getValue();
          lines.put(inner, YamlMap.lineOf(key));
          note(inner, entry.getValueNode(), depth + 1);
        }
      }
    }
  }

  /** Returns the line of a part, or of what it is in. */
  int of(String name) {
    String at = name;
    while (true) {
      Integer line = lines.get(at);
      if (line != null) {
        return line;
      }
      int dot = at.lastIndexOf('.');
      if (dot < 0) {
        return 0;
      }
      at = at.substring(0, dot);
    }
  }

  DvcFormatException failure(String name, String what) {
    return new DvcFormatException(file, of(name), what);
  }

  DvcFormatException failure(int line, String what) {
    return new DvcFormatException(file, line, what);
  }

  DvcFormatException unresolved(String name, String shown, String what) {
    return failure(name, "failed to parse " + shown + ": " + what);
  }

  /** Returns a map of YAML as what it is: its keys are text. */
  static Map<String, @Nullable Object> asMap(@Nullable Object value) {
    Map<String, @Nullable Object> result = new LinkedHashMap<>();
    if (value instanceof Map<?, ?> map) {
      map.forEach((key, item) -> result.put(String.valueOf(key), item));
    }
    return result;
  }
}
