package io.revfs.dvc;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.toml.TomlMapper;
import java.io.IOException;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;

/**
 * YAML, JSON and TOML as plain values: maps, lists, text, numbers (Long, BigInteger, Double),
 * booleans, null. Untagged scalars of YAML are what DVC's parser makes of them: {@code 012} is 12,
 * {@code 1_000} is 1000, {@code 1e-3} a float, {@code yes} text.
 */
public final class YamlValues {
  /** Aliases are copied here, so a small document could grow without bound. */
  private static final int MAX_VALUES = 1_000_000;

  private static final int MAX_DEPTH = 200;

  private static final TypeReference<LinkedHashMap<String, @Nullable Object>> MAP =
      new TypeReference<>() {};

  private static final Pattern INTEGER =
      Pattern.compile(
          "[-+]?0b[0-1_]+|[-+]?0o[0-7_]+|[-+]?[0-9_]*[0-9][0-9_]*|[-+]?0x[0-9a-fA-F_]+");
  private static final Pattern FLOAT =
      Pattern.compile(
          "[-+]?[0-9][0-9_]*\\.[0-9_]*(?:[eE][-+]?[0-9]+)?"
              + "|[-+]?[0-9][0-9_]*[eE][-+]?[0-9]+"
              + "|[-+]?\\.[0-9][0-9_]*(?:[eE][-+][0-9]+)?"
              + "|[-+]?\\.(?:inf|Inf|INF)"
              + "|\\.(?:nan|NaN|NAN)");

  private final String file;
  private int count;

  private YamlValues(String file) {
    this.file = file;
  }

  /** Returns a parameter file's top-level map, by the file's ending; anything unknown is YAML. */
  public static Map<String, @Nullable Object> parameters(String file, byte[] content)
      throws IOException {
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

  /** Returns a node's value; {@code file} is for messages. */
  public static @Nullable Object of(String file, Node node) throws DvcFormatException {
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
      case MappingNode mapping -> map(mapping, depth);
      default -> throw new DvcFormatException(file, YamlMap.lineOf(node), "unexpected content");
    };
  }

  private Map<String, @Nullable Object> map(MappingNode mapping, int depth)
      throws DvcFormatException {
    Map<String, @Nullable Object> map = new LinkedHashMap<>();
    Map<String, @Nullable Object> merged = new LinkedHashMap<>();
    for (NodeTuple entry : mapping.getValue()) {
      Node keyNode = entry.getKeyNode();
      String key = YamlMap.text(file, keyNode, "a key");
      if (isMerge(keyNode)) {
        merge(entry.getValueNode(), merged, depth);
      } else if (map.containsKey(key)) {
        throw new DvcFormatException(
            file, YamlMap.lineOf(keyNode), "the key '" + key + "' is there twice");
      } else {
        map.put(key, value(entry.getValueNode(), depth + 1));
      }
    }
    merged.forEach(map::putIfAbsent);
    return map;
  }

  /** Whether it is YAML 1.1's merge key, which DVC's parser still takes. */
  private static boolean isMerge(Node key) {
    return key instanceof ScalarNode scalar && scalar.isPlain() && scalar.getValue().equals("<<");
  }

  private void merge(Node from, Map<String, @Nullable Object> into, int depth)
      throws DvcFormatException {
    switch (from) {
      case MappingNode mapping -> map(mapping, depth + 1).forEach(into::putIfAbsent);
      case SequenceNode sequence -> {
        for (Node item : sequence.getValue()) {
          merge(item, into, depth + 1);
        }
      }
      default ->
          throw new DvcFormatException(file, YamlMap.lineOf(from), "'<<' takes a map or a list");
    }
  }

  private static @Nullable Object scalar(ScalarNode node) {
    return node.isPlain() ? plain(node.getValue()) : node.getValue();
  }

  /** Returns what an unquoted scalar is. */
  public static @Nullable Object plain(String text) {
    switch (text) {
      case "", "~", "null", "Null", "NULL" -> {
        return null;
      }
      case "true", "True", "TRUE" -> {
        return true;
      }
      case "false", "False", "FALSE" -> {
        return false;
      }
      default -> {}
    }
    char first = text.charAt(0);
    if (!(first >= '0' && first <= '9') && first != '.' && first != '-' && first != '+') {
      return text;
    }
    if (INTEGER.matcher(text).matches()) {
      return integer(text);
    }
    return FLOAT.matcher(text).matches() ? (Object) floating(text) : text;
  }

  private static Object integer(String text) {
    String digits = text.replace("_", "");
    boolean negative = digits.startsWith("-");
    if (negative || digits.startsWith("+")) {
      digits = digits.substring(1);
    }
    int radix =
        digits.startsWith("0x")
            ? 16
            : digits.startsWith("0o") ? 8 : digits.startsWith("0b") ? 2 : 10;
    digits = radix == 10 ? digits : digits.substring(2);
    if (digits.isEmpty()) {
      return text;
    }
    BigInteger value = new BigInteger(digits, radix);
    value = negative ? value.negate() : value;
    return value.bitLength() < Long.SIZE ? (Object) value.longValue() : value;
  }

  private static Double floating(String text) {
    String lower = text.replace("_", "").toLowerCase(Locale.ROOT);
    if (lower.endsWith("inf")) {
      return lower.startsWith("-") ? Double.NEGATIVE_INFINITY : Double.POSITIVE_INFINITY;
    }
    return lower.endsWith("nan") ? Double.NaN : Double.parseDouble(lower);
  }
}
