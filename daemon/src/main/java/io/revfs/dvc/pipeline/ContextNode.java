package io.revfs.dvc.pipeline;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A value that templates can name, which knows where it is from. */
sealed interface ContextNode {
  /**
   * Where a value is from.
   *
   * @param source the file, or {@code vars[0]} for one given in place; empty for values of loops
   * @param path its dotted key there
   * @param file whether the source is a file, so that the value counts as a parameter when used
   */
  record Origin(String source, String path, boolean file) {
    static final Origin NONE = new Origin("", "", false);

    Origin child(String key) {
      return new Origin(source, path.isEmpty() ? key : path + "." + key, file);
    }
  }

  Origin origin();

  /** Returns the plain value. */
  @Nullable Object value();

  /** Text, a number, a boolean or null. */
  record Scalar(@Nullable Object value, Origin origin) implements ContextNode {}

  /** A list. */
  record Sequence(List<ContextNode> items, Origin origin) implements ContextNode {
    @Override
    public List<@Nullable Object> value() {
      List<@Nullable Object> values = new ArrayList<>();
      items.forEach(item -> values.add(item.value()));
      return values;
    }
  }

  /** A map; only its keys may change, by merging. */
  record Mapping(Map<String, ContextNode> entries, Origin origin) implements ContextNode {
    @Override
    public Map<String, @Nullable Object> value() {
      Map<String, @Nullable Object> values = new LinkedHashMap<>();
      entries.forEach((key, item) -> values.put(key, item.value()));
      return values;
    }

    Mapping copy() {
      Map<String, ContextNode> copies = new LinkedHashMap<>();
      entries.forEach(
          (key, item) -> copies.put(key, item instanceof Mapping map ? map.copy() : item));
      return new Mapping(copies, origin);
    }
  }

  /** Makes nodes of a plain value; nodes in it stay what they are. */
  static ContextNode of(@Nullable Object value, Origin origin) {
    return switch (value) {
      case ContextNode node -> node;
      case Map<?, ?> map -> {
        Map<String, ContextNode> entries = new LinkedHashMap<>();
        map.forEach(
            (key, item) ->
                entries.put(String.valueOf(key), of(item, origin.child(String.valueOf(key)))));
        yield new Mapping(entries, origin);
      }
      case List<?> list -> {
        List<ContextNode> items = new ArrayList<>();
        for (int i = 0; i < list.size(); i++) {
          items.add(of(list.get(i), origin.child(Integer.toString(i))));
        }
        yield new Sequence(items, origin);
      }
      case null, default -> new Scalar(value, origin);
    };
  }
}
