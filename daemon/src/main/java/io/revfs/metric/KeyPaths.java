package io.revfs.metric;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Dotted keys into values; a part that is a number goes into a list. */
public final class KeyPaths {
  private KeyPaths() {}

  /** What was found; the value may be null. */
  public record Found(@Nullable Object value) {}

  /** Returns the value of a dotted key. */
  public static Optional<Found> get(@Nullable Object value, String key) {
    if (value instanceof Map<?, ?> map && map.containsKey(key)) {
      return Optional.of(new Found(map.get(key)));
    }
    Object at = value;
    for (String part : key.split("\\.", -1)) {
      if (at instanceof Map<?, ?> map && map.containsKey(part)) {
        at = map.get(part);
      } else if (at instanceof List<?> list && index(part, list.size()) >= 0) {
        at = list.get(index(part, list.size()));
      } else {
        return Optional.empty();
      }
    }
    return Optional.of(new Found(at));
  }

  private static int index(String part, int size) {
    try {
      int index = Integer.parseInt(part);
      return index < size ? index : -1;
    } catch (NumberFormatException e) {
      return -1;
    }
  }

  /** Returns a value with only these keys, nested as they were; {@code *} stands for any name. */
  static Map<String, @Nullable Object> only(@Nullable Object value, Collection<String> keys) {
    Map<String, @Nullable Object> result = new LinkedHashMap<>();
    for (String key : keys) {
      copy(value, List.of(key.split("\\.", -1)), new ArrayList<>(), result);
    }
    return result;
  }

  private static void copy(
      @Nullable Object from,
      List<String> key,
      List<String> above,
      Map<String, @Nullable Object> to) {
    if (above.size() == key.size()) {
      put(to, above, from);
      return;
    }
    String part = key.get(above.size());
    Map<String, @Nullable Object> children = new LinkedHashMap<>();
    if (from instanceof Map<?, ?> map) {
      map.forEach((name, item) -> children.put(String.valueOf(name), item));
    } else if (from instanceof List<?> list) {
      for (int i = 0; i < list.size(); i++) {
        children.put(Integer.toString(i), list.get(i));
      }
    }
    Pattern wild = Pattern.compile("\\Q" + part.replace("*", "\\E.*\\Q") + "\\E");
    children.forEach(
        (name, item) -> {
          if (wild.matcher(name).matches()) {
            List<String> path = new ArrayList<>(above);
            path.add(name);
            copy(item, key, path, to);
          }
        });
  }

  @SuppressWarnings("unchecked") // maps in there are made here
  private static void put(
      Map<String, @Nullable Object> to, List<String> path, @Nullable Object value) {
    Map<String, @Nullable Object> at = to;
    for (String name : path.subList(0, path.size() - 1)) {
      Object inner = at.get(name);
      Map<String, @Nullable Object> next =
          inner instanceof Map<?, ?> map
              ? new LinkedHashMap<>((Map<String, @Nullable Object>) map)
              : new LinkedHashMap<>();
      at.put(name, next);
      at = next;
    }
    at.put(path.getLast(), value);
  }
}
