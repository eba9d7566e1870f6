package io.revfs.experiment.override;

import io.revfs.dvc.pipeline.PythonText;
import io.revfs.metric.PythonValues;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Parameters that overrides are applied to: maps and lists, copied deeply at first. Not
 * thread-safe.
 */
final class ParamTree {
  private final Map<String, @Nullable Object> root;

  ParamTree(Map<?, ?> values) {
    this.root = copy(values);
  }

  Map<String, @Nullable Object> values() {
    return root;
  }

  private static Map<String, @Nullable Object> copy(Map<?, ?> map) {
    Map<String, @Nullable Object> copy = new LinkedHashMap<>();
    map.forEach((key, value) -> copy.put(String.valueOf(key), copied(value)));
    return copy;
  }

  private static @Nullable Object copied(@Nullable Object value) {
    return switch (value) {
      case Map<?, ?> map -> copy(map);
      case List<?> list -> {
        List<@Nullable Object> items = new ArrayList<>();
        list.forEach(item -> items.add(copied(item)));
        yield items;
      }
      case null, default -> value;
    };
  }

  /** Returns the parts of a dotted key; {@code a[0].b} is {@code a.0.b}. */
  static List<String> path(String key) {
    return List.of(key.replaceAll("\\[(\\d+)\\]", ".$1").split("\\.", -1));
  }

  /** Applies one. */
  void apply(ParamOverride override) throws OverrideException {
    List<String> path = path(override.key());
    boolean there = find(path) != null;
    Object value = override.single();
    switch (override.kind()) {
      case DELETE -> delete(override, path);
      case ADD -> {
        if (there && !(value instanceof Map<?, ?>) && !(value instanceof List<?>)) {
          throw wrong(
              override,
              "Could not append to config. An item is already at '%s'.".formatted(override.key()),
              "change it: " + override.text().replaceFirst("^\\+", ""));
        }
        set(override, path, value);
      }
      case FORCE_ADD -> set(override, path, value);
      case CHANGE -> {
        if (!isKnown(path)) {
          throw wrong(
              override,
              "Could not override '%s': there is no such parameter".formatted(override.key()),
              "to add it: +" + override.text());
        }
        set(override, path, value);
      }
    }
  }

  private static OverrideException wrong(ParamOverride override, String why, String whatToDo) {
    return new OverrideException(
        "Invalid `--set-param` value '%s': %s".formatted(override.text(), why), whatToDo);
  }

  /** Returns what is at a path; null if there is nothing, or null. */
  @Nullable Object find(List<String> path) {
    Object at = root;
    for (String part : path) {
      at = child(at, part);
    }
    return at;
  }

  private static @Nullable Object child(@Nullable Object parent, String part) {
    if (parent instanceof Map<?, ?> map) {
      return map.get(part);
    }
    if (parent instanceof List<?> list) {
      int index = index(part, list.size());
      return index < 0 ? null : list.get(index);
    }
    return null;
  }

  private static int index(String part, int size) {
    try {
      int index = Integer.parseInt(part);
      return index < size ? index : -1;
    } catch (NumberFormatException e) {
      return -1;
    }
  }

  private boolean isKnown(List<String> path) {
    Object parent = find(path.subList(0, path.size() - 1));
    String last = path.getLast();
    return parent instanceof Map<?, ?> map
        ? map.containsKey(last)
        : parent instanceof List<?> list && index(last, list.size()) >= 0;
  }

  @SuppressWarnings("unchecked") // maps and lists in there are made here
  private void set(ParamOverride override, List<String> path, @Nullable Object value)
      throws OverrideException {
    Object at = root;
    for (int i = 0; i < path.size() - 1; i++) {
      Object next = child(at, path.get(i));
      if (!(next instanceof Map<?, ?>) && !(next instanceof List<?>)) {
        next = new LinkedHashMap<String, @Nullable Object>();
        put(override, at, path.get(i), next);
      }
      at = next;
    }
    Object before = child(at, path.getLast());
    if (before instanceof Map<?, ?> old && value instanceof Map<?, ?> fresh) {
      merge((Map<String, @Nullable Object>) old, fresh);
      return;
    }
    put(override, at, path.getLast(), copied(value));
  }

  /** Puts the entries of a map over those of another, maps over maps. */
  @SuppressWarnings("unchecked") // maps in there are made here
  static void merge(Map<String, @Nullable Object> into, Map<?, ?> from) {
    from.forEach(
        (key, value) -> {
          Object before = into.get(String.valueOf(key));
          if (before instanceof Map<?, ?> old && value instanceof Map<?, ?> fresh) {
            merge((Map<String, @Nullable Object>) old, fresh);
          } else {
            into.put(String.valueOf(key), copied(value));
          }
        });
  }

  @SuppressWarnings("unchecked") // maps and lists in there are made here
  private static void put(
      ParamOverride override, @Nullable Object parent, String part, @Nullable Object value)
      throws OverrideException {
    switch (parent) {
      case Map<?, ?> map -> ((Map<String, @Nullable Object>) map).put(part, value);
      case List<?> list -> {
        int index = index(part, list.size());
        if (index < 0) {
          throw wrong(
              override,
              "'%s' is no place in a list of %d".formatted(part, list.size()),
              "give the whole list: key=[a,b]");
        }
        ((List<@Nullable Object>) list).set(index, value);
      }
      case null, default ->
          throw wrong(
              override,
              "'%s' is below a value that is no map".formatted(part),
              "give the whole of it: key={a:1}");
    }
  }

  private void delete(ParamOverride override, List<String> path) throws OverrideException {
    Object parent = find(path.subList(0, path.size() - 1));
    if (!(parent instanceof Map<?, ?> map) || !map.containsKey(path.getLast())) {
      throw wrong(
          override,
          "Could not delete from config. '%s' does not exist.".formatted(override.key()),
          "see the file of parameters");
    }
    Object there = map.get(path.getLast());
    if (override.value().isPresent() && !PythonValues.equal(there, override.single())) {
      throw wrong(
          override,
          "Could not delete from config. The value of '%s' is %s."
              .formatted(override.key(), PythonText.repr(there)),
          "leave '=' and the value out");
    }
    map.remove(path.getLast());
  }
}
