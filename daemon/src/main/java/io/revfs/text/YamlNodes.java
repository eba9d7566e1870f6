package io.revfs.text;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;
import org.snakeyaml.engine.v2.nodes.Tag;
import org.snakeyaml.engine.v2.schema.CoreSchema;

/** A text's nodes, with the places where they stand, and as plain values. */
final class YamlNodes {
  private static final int MAX_CODE_POINTS = 256 << 20;

  private YamlNodes() {}

  static Optional<Node> compose(String text) throws YamlSyntaxException {
    LoadSettings settings =
        LoadSettings.builder()
            .setSchema(new CoreSchema())
            .setCodePointLimit(MAX_CODE_POINTS)
            .build();
    try {
      return new Compose(settings).composeString(text);
    } catch (MarkedYamlEngineException e) {
      throw new YamlSyntaxException(
          e.getProblemMark().map(mark -> mark.getLine() + 1).orElse(0), e.getProblem());
    } catch (YamlEngineException | StackOverflowError | IndexOutOfBoundsException e) {
      throw new YamlSyntaxException(0, String.valueOf(e.getMessage()));
    }
  }

  static boolean isNull(Node node) {
    return node.getTag().equals(Tag.NULL);
  }

  /** Returns maps (that keep order), lists, texts, numbers, booleans and null; to be changed. */
  static @Nullable Object value(Node node) {
    return value(node, new IdentityHashMap<>());
  }

  private static @Nullable Object value(Node node, Map<Node, Boolean> above) {
    if (above.put(node, true) != null) {
      throw new IllegalArgumentException("a node contains itself");
    }
    Object value =
        switch (node) {
          case MappingNode mapping -> {
            Map<Object, @Nullable Object> map = new LinkedHashMap<>();
            for (NodeTuple entry : mapping.getValue()) {
              map.put(key(entry.getKeyNode()), value(entry.getValueNode(), above));
            }
            yield map;
          }
          case SequenceNode sequence -> {
            List<@Nullable Object> list = new ArrayList<>();
            for (Node item : sequence.getValue()) {
              list.add(value(item, above));
            }
            yield list;
          }
          case ScalarNode scalar -> scalar(scalar);
          default -> throw new IllegalArgumentException("an unknown node");
        };
    above.remove(node);
    return value;
  }

  /** Returns a key as text, whatever type it would have. */
  static String key(Node node) {
    return node instanceof ScalarNode scalar ? scalar.getValue() : String.valueOf(value(node));
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
        return real(text);
      }
    } catch (NumberFormatException e) {
      return text;
    }
    return text;
  }

  private static Number integer(String text) {
    BigInteger value =
        text.startsWith("0x")
            ? new BigInteger(text.substring(2), 16)
            : text.startsWith("0o") ? new BigInteger(text.substring(2), 8) : new BigInteger(text);
    return value.bitLength() < Long.SIZE ? (Number) value.longValue() : value;
  }

  private static Double real(String text) {
    return switch (text.toLowerCase(java.util.Locale.ROOT)) {
      case ".nan" -> Double.NaN;
      case ".inf", "+.inf" -> Double.POSITIVE_INFINITY;
      case "-.inf" -> Double.NEGATIVE_INFINITY;
      default -> Double.valueOf(text);
    };
  }

  /** Returns whether a node has a value; the order of a map's keys does not matter. */
  static boolean isEqual(Node node, @Nullable Object value) {
    return normal(value(node)).equals(normal(value));
  }

  /** Returns whether a node has a value, with the keys in the same order. */
  static boolean isSame(Node node, @Nullable Object value) {
    return isEqual(node, value)
        && YamlWriter.document(value(node)).equals(YamlWriter.document(value));
  }

  /** Numbers and texts in one form each, so that they can be compared. */
  private static Object normal(@Nullable Object value) {
    return switch (value) {
      case null -> Optional.empty();
      case Map<?, ?> map -> {
        Map<String, Object> copy = new LinkedHashMap<>();
        map.forEach((key, item) -> copy.put(String.valueOf(key), normal(item)));
        yield copy;
      }
      case List<?> list -> list.stream().map(YamlNodes::normal).toList();
      case Boolean flag -> flag;
      case Number number -> List.of("number", PythonJson.number(number));
      default -> value.toString();
    };
  }
}
