package io.revfs.cli.replay;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Holds answers against what DVC answered: JSON by value, lists as sets, times and commits made
 * meanwhile left out; where DVC failed, its exit code. Not thread-safe.
 */
final class Comparison {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Pattern COMMIT = Pattern.compile("\\b[0-9a-f]{40}\\b");
  private static final double SAME = 1e-9;
  private static final int SHOWN = 160;

  private final String copy;
  private final Set<String> commits;
  private final List<String> differences = new ArrayList<>();
  private int compared;

  /** {@code commits}: those of the repository as it was. */
  Comparison(Path copy, Set<String> commits) {
    this.copy = copy.toString();
    this.commits = commits;
  }

  List<String> differences() {
    return differences;
  }

  int compared() {
    return compared;
  }

  /** Compares values as they are, but for the copy's place. */
  void same(String what, JsonNode expected, JsonNode got) {
    compared++;
    String place = difference(expected, placed(got), "");
    if (!place.isEmpty()) {
      differences.add(what + " " + place);
    }
  }

  void same(String what, String expected, String got) {
    same(what, TextNode.valueOf(expected), TextNode.valueOf(got));
  }

  void same(String what, int expected, int got) {
    same(
        what,
        JsonNodeFactory.instance.numberNode(expected),
        JsonNodeFactory.instance.numberNode(got));
  }

  /** Compares an answer in JSON. */
  void answer(String what, JsonNode expected, Playground.Outcome got) {
    if (expected.isObject()
        && expected.size() == 3
        && expected.has("rc")
        && expected.has("stderr")) {
      same(what, expected.get("rc").asInt(), isJson(got.out()) ? 0 : got.exit());
    } else if (!isJson(got.out())) {
      compared++;
      differences.add(what + " answered " + got);
    } else {
      same(what, loose(expected), loose(placed(parse(got.out()))));
    }
  }

  private static boolean isJson(String text) {
    try {
      return !text.isBlank() && !JSON.readTree(text).isMissingNode();
    } catch (JsonProcessingException e) {
      return false;
    }
  }

  private static JsonNode parse(String text) {
    try {
      return JSON.readTree(text);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Writes the copy's place as expectations do. */
  private JsonNode placed(JsonNode value) {
    return parse(value.toString().replace(copy, "<ROOT>"));
  }

  private JsonNode loose(JsonNode value) {
    if (value.isArray()) {
      List<JsonNode> items = new ArrayList<>();
      value.forEach(item -> items.add(loose(item)));
      items.sort(Comparator.comparing(Comparison::ordered));
      ArrayNode list = JsonNodeFactory.instance.arrayNode();
      return list.addAll(items);
    }
    if (value.isObject()) {
      ObjectNode object = JsonNodeFactory.instance.objectNode();
      value
          .properties()
          .forEach(
              p ->
                  object.set(
                      named(p.getKey()),
                      p.getKey().equals("timestamp")
                          ? JsonNodeFactory.instance.nullNode()
                          : loose(p.getValue())));
      return object;
    }
    return value.isTextual() ? TextNode.valueOf(named(value.asText())) : value;
  }

  /** A text of a value that does not depend on the order of keys. */
  private static String ordered(JsonNode value) {
    if (!value.isObject()) {
      return value.toString();
    }
    StringBuilder text = new StringBuilder();
    for (String key : names(value)) {
      text.append(key).append('=').append(ordered(value.get(key))).append(' ');
    }
    return text.toString();
  }

  private static TreeSet<String> names(JsonNode object) {
    TreeSet<String> names = new TreeSet<>();
    object.fieldNames().forEachRemaining(names::add);
    return names;
  }

  private String named(String text) {
    return COMMIT
        .matcher(text)
        .replaceAll(
            m -> Matcher.quoteReplacement(commits.contains(m.group()) ? m.group() : "<commit>"));
  }

  /** Returns where two values differ first, empty if nowhere. */
  private static String difference(JsonNode expected, JsonNode got, String path) {
    if (expected.isNumber() && got.isNumber()) {
      boolean same =
          expected.isIntegralNumber() == got.isIntegralNumber()
              && Math.abs(expected.asDouble() - got.asDouble()) <= SAME;
      return same ? "" : "%s: expected %s, got %s".formatted(path, expected, got);
    }
    if (expected.getNodeType() != got.getNodeType() || !expected.isContainerNode()) {
      return expected.equals(got)
          ? ""
          : "%s: expected %s, got %s".formatted(path, brief(expected), brief(got));
    }
    if (expected.isArray()) {
      for (int i = 0; i < Math.min(expected.size(), got.size()); i++) {
        String inside = difference(expected.get(i), got.get(i), path + "[" + i + "]");
        if (!inside.isEmpty()) {
          return inside;
        }
      }
      return expected.size() == got.size()
          ? ""
          : "%s: %d entries expected, %d found".formatted(path, expected.size(), got.size());
    }
    TreeSet<String> all = names(expected);
    all.addAll(names(got));
    for (String name : all) {
      if (!expected.has(name) || !got.has(name)) {
        return "%s.%s: %s".formatted(path, name, got.has(name) ? "unexpected" : "missing");
      }
      String inside = difference(expected.get(name), got.get(name), path + "." + name);
      if (!inside.isEmpty()) {
        return inside;
      }
    }
    return "";
  }

  private static String brief(JsonNode value) {
    String text = value.toString();
    return text.length() <= SHOWN ? text : text.substring(0, SHOWN) + "…";
  }
}
