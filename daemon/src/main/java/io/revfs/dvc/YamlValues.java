package io.revfs.dvc;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.toml.TomlMapper;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;
import org.snakeyaml.engine.v2.nodes.Tag;

/** YAML, JSON and TOML as plain values: maps, lists, text, numbers, booleans, null. */
final class YamlValues {
  /** Aliases are copied here, so a small document could grow without bound. */
  private static final int MAX_VALUES = 1_000_000;

  private static final int MAX_DEPTH = 200;

  private static final TypeReference<LinkedHashMap<String, @Nullable Object>> MAP =
      new TypeReference<>() {};

  private final String file;
  private int count;

  private YamlValues(String file) {
    this.file = file;
  }

  /** Returns a parameter file's top-level map, by the file's ending; anything unknown is YAML. */
  static Map<String, @Nullable Object> parameters(String file, byte[] content) throws IOException {
    try {
      if (file.endsWith(".toml")) {
        return TOML.get().readValue(content, MAP);
      }
      if (file.endsWith(".json")) {
        return JSON.get().readValue(content, MAP);
      }
    } catch (JsonProcessingException e) {
      int line = e.getLocation() == null ? 0 : e.getLocation().getLineNr();
      throw new DvcFormatException(file, line, e.getOriginalMessage());
    }
    Optional<Node> root = YamlMap.compose(file, content);
    if (root.isEmpty()) {
      return new LinkedHashMap<>();
    }
    if (of(file, root.get()) instanceof Map<?, ?> map) {
      Map<String, @Nullable Object> result = new LinkedHashMap<>();
      map.forEach((key, value) -> result.put(String.valueOf(key), value));
      return result;
    }
    throw new DvcFormatException(file, 1, "a map is expected");
  }

  private static final java.util.function.Supplier<ObjectMapper> JSON = ObjectMapper::new;
  private static final java.util.function.Supplier<ObjectMapper> TOML = TomlMapper::new;

  static @Nullable Object of(String file, Node node) throws DvcFormatException {
    return new YamlValues(file).value(node, 0);
  }

  private @Nullable Object value(Node node, int depth) throws DvcFormatException {
    if (++count > MAX_VALUES || depth > MAX_DEPTH) {
      throw new DvcFormatException(file, YamlMap.lineOf(node), "too large or nested too deeply");
    }
    return switch (node) {
      case ScalarNode scalar -> scalar(scalar);
      case SequenceNode sequence -> {
        List<@Nullable Object> list = new ArrayList<>();
        for (Node item : sequence.getValue()) {
          list.add(value(item, depth + 1));
        }
        yield list;
      }
      case MappingNode mapping -> {
        Map<String, @Nullable Object> map = new LinkedHashMap<>();
        for (NodeTuple entry : mapping.getValue()) {
          map.put(
              YamlMap.text(file, entry.getKeyNode(), "a key"),
              value(entry.getValueNode(), depth + 1));
        }
        yield map;
      }
      default -> throw new DvcFormatException(file, YamlMap.lineOf(node), "unexpected content");
    };
  }

  private static @Nullable Object scalar(ScalarNode node) {
    String text = node.getValue();
    Tag tag = node.getTag();
    if (tag.equals(Tag.NULL)) {
      return null;
    }
    if (tag.equals(Tag.BOOL)) {
      return text.equalsIgnoreCase("true");
    }
    try {
      if (tag.equals(Tag.INT)) {
        return integer(text);
      }
      if (tag.equals(Tag.FLOAT)) {
        return Double.valueOf(text.replace(".inf", "Infinity").replace(".nan", "NaN"));
      }
    } catch (NumberFormatException e) {
      return text;
    }
    return text;
  }

  private static Object integer(String text) {
    if (text.startsWith("0x")) {
      return Long.parseLong(text.substring(2), 16);
    }
    if (text.startsWith("0o")) {
      return Long.parseLong(text.substring(2), 8);
    }
    return Long.valueOf(text.startsWith("+") ? text.substring(1) : text);
  }
}
