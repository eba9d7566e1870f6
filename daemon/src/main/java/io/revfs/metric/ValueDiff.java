package io.revfs.metric;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.revfs.dvc.pipeline.PythonText;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** What differs between the values of two revisions, as DVC says it. */
public final class ValueDiff {
  private static final ObjectMapper JSON = new ObjectMapper();

  private ValueDiff() {}

  /**
   * A value on both sides.
   *
   * @param difference the new less the old, of numbers
   */
  public record Change(@Nullable Object before, @Nullable Object now, Optional<Number> difference) {
    /** Returns it as DVC's JSON has it. */
    public Map<String, @Nullable Object> json() {
      Map<String, @Nullable Object> json = new LinkedHashMap<>();
      json.put("old", before);
      json.put("new", now);
      difference.ifPresent(d -> json.put("diff", d));
      return json;
    }
  }

  /**
   * Returns changes by file and dotted key, sorted.
   *
   * @param unchanged whether equal values are told, too
   */
  public static Map<String, Map<String, Change>> of(
      Map<String, FileValues> before, Map<String, FileValues> now, boolean unchanged) {
    Map<String, Map<String, Change>> files = new TreeMap<>();
    TreeSet<String> paths = new TreeSet<>(before.keySet());
    paths.addAll(now.keySet());
    for (String path : paths) {
      Map<String, Change> changes = file(value(before, path), value(now, path), unchanged);
      if (!changes.isEmpty()) {
        files.put(path, changes);
      }
    }
    return files;
  }

  /** Returns changes by file as DVC's JSON has them. */
  public static Map<String, Object> json(Map<String, Map<String, Change>> files) {
    Map<String, Object> json = new LinkedHashMap<>();
    files.forEach(
        (path, changes) -> {
          Map<String, Object> file = new LinkedHashMap<>();
          changes.forEach((key, change) -> file.put(key, change.json()));
          json.put(path, file);
        });
    return json;
  }

  /** A file that is absent or cannot be read is as one of no values. */
  private static @Nullable Object value(Map<String, FileValues> files, String path) {
    FileValues values = files.get(path);
    return values == null || values.error().isPresent() ? Map.of() : textOfLists(values.value());
  }

  /** Lists are compared and shown as their text. */
  private static @Nullable Object textOfLists(@Nullable Object value) {
    return switch (value) {
      case List<?> list -> PythonText.repr(list);
      case Map<?, ?> map -> {
        Map<String, @Nullable Object> result = new LinkedHashMap<>();
        map.forEach((key, item) -> result.put(String.valueOf(key), textOfLists(item)));
        yield result;
      }
      case null, default -> value;
    };
  }

  private static Map<String, Change> file(
      @Nullable Object before, @Nullable Object now, boolean unchanged) {
    Object a = parsed(before);
    Object b = parsed(now);
    Map<String, @Nullable Object> old = new TreeMap<>();
    Map<String, @Nullable Object> fresh = new TreeMap<>();
    if (a instanceof Map<?, ?> || b instanceof Map<?, ?>) {
      flatten(a, old);
      flatten(b, fresh);
    } else {
      old.put("", a);
      fresh.put("", b);
    }
    TreeSet<String> keys = new TreeSet<>(old.keySet());
    keys.addAll(fresh.keySet());
    Map<String, Change> changes = new TreeMap<>();
    for (String key : keys) {
      Object x = old.get(key);
      Object y = fresh.get(key);
      if (unchanged || !PythonValues.equal(x, y)) {
        changes.put(key, new Change(x, y, PythonValues.difference(x, y)));
      }
    }
    return changes;
  }

  /** A file that is one text is read as JSON if it can be. */
  private static @Nullable Object parsed(@Nullable Object value) {
    if (!(value instanceof String text)) {
      return value;
    }
    try {
      return JSON.readValue(text, Object.class);
    } catch (JsonProcessingException e) {
      return text;
    }
  }

  private static void flatten(@Nullable Object value, Map<String, @Nullable Object> to) {
    if (value instanceof Map<?, ?> map) {
      to.putAll(flattened(map));
    } else if (value != null) {
      to.put("", "unable to parse");
    }
  }

  /** Returns values by dotted key; empty maps inside are left out. */
  public static Map<String, @Nullable Object> flattened(Map<?, ?> map) {
    Map<String, @Nullable Object> result = new LinkedHashMap<>();
    flatten("", map, result);
    return result;
  }

  private static void flatten(String prefix, Map<?, ?> map, Map<String, @Nullable Object> to) {
    map.forEach(
        (key, value) -> {
          if (value instanceof Map<?, ?> inner) {
            flatten(prefix + key + ".", inner, to);
          } else {
            to.put(prefix + key, value);
          }
        });
  }
}
