package io.revfs.plot.vega;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A specification with anchors. Immutable.
 *
 * @param name for messages
 * @param content a map of JSON
 */
public record Template(String name, Map<String, @Nullable Object> content) {
  /** Returns whether a text of it is exactly this anchor. */
  boolean has(Anchor anchor) {
    return has(content, anchor.text());
  }

  private static boolean has(@Nullable Object value, String text) {
    return switch (value) {
      case Map<?, ?> map -> map.values().stream().anyMatch(item -> has(item, text));
      case List<?> list -> list.stream().anyMatch(item -> has(item, text));
      case null -> false;
      default -> value.equals(text);
    };
  }

  /** Returns it with a value in each place of an anchor; texts go also into longer texts. */
  Template fill(Anchor anchor, Object value) {
    Map<String, @Nullable Object> filled = new LinkedHashMap<>();
    content.forEach((key, item) -> filled.put(key, filled(item, anchor.text(), value)));
    return new Template(name, filled);
  }

  private static @Nullable Object filled(@Nullable Object item, String text, Object value) {
    return switch (item) {
      case Map<?, ?> map -> {
        Map<String, @Nullable Object> result = new LinkedHashMap<>();
        map.forEach((key, inner) -> result.put(String.valueOf(key), filled(inner, text, value)));
        yield result;
      }
      case List<?> list -> {
        List<@Nullable Object> result = new ArrayList<>(list.size());
        list.forEach(inner -> result.add(filled(inner, text, value)));
        yield result;
      }
      case String same when same.equals(text) -> value;
      case String longer when value instanceof String part -> longer.replace(text, part);
      case null, default -> item;
    };
  }
}
