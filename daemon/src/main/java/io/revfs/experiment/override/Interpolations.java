package io.revfs.experiment.override;

import io.revfs.dvc.pipeline.PythonText;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** {@code ${a.b}} in composed parameters: the value of another. */
final class Interpolations {
  private static final Pattern ANY = Pattern.compile("\\$\\{([^${}]+)\\}");
  private static final String ENVIRONMENT = "oc.env:";
  private static final int DEEPEST = 50;

  private final ParamTree tree;

  Interpolations(ParamTree tree) {
    this.tree = tree;
  }

  /** Returns the values with all of them in place. */
  Map<String, @Nullable Object> resolved() throws OverrideException {
    Map<String, @Nullable Object> result = new LinkedHashMap<>();
    for (Map.Entry<String, @Nullable Object> entry : tree.values().entrySet()) {
      result.put(entry.getKey(), resolve(entry.getValue(), List.of(entry.getKey()), 0));
    }
    return result;
  }

  private @Nullable Object resolve(@Nullable Object value, List<String> path, int depth)
      throws OverrideException {
    switch (value) {
      case Map<?, ?> map -> {
        Map<String, @Nullable Object> result = new LinkedHashMap<>();
        for (Map.Entry<?, ?> entry : map.entrySet()) {
          String key = String.valueOf(entry.getKey());
          result.put(key, resolve(entry.getValue(), longer(path, key), depth));
        }
        return result;
      }
      case List<?> list -> {
        List<@Nullable Object> result = new ArrayList<>();
        for (int i = 0; i < list.size(); i++) {
          result.add(resolve(list.get(i), longer(path, Integer.toString(i)), depth));
        }
        return result;
      }
      case String text -> {
        return text(text, path, depth);
      }
      case null, default -> {
        return value;
      }
    }
  }

  private static List<String> longer(List<String> path, String part) {
    List<String> longer = new ArrayList<>(path);
    longer.add(part);
    return longer;
  }

  private @Nullable Object text(String text, List<String> path, int depth)
      throws OverrideException {
    if (depth > DEEPEST) {
      throw new OverrideException(
          "'%s' refers to itself".formatted(String.join(".", path)), "break the circle");
    }
    Matcher whole = ANY.matcher(text);
    if (whole.matches()) {
      return resolve(value(whole.group(1), path), path, depth + 1);
    }
    String result = text;
    for (Matcher inner = ANY.matcher(result); inner.find(); inner = ANY.matcher(result)) {
      Object value = resolve(value(inner.group(1), path), path, depth + 1);
      result =
          result.substring(0, inner.start())
              + PythonText.str(value)
              + result.substring(inner.end());
      if (result.length() > 1 << 20) {
        throw new OverrideException(
            "'%s' refers to itself".formatted(String.join(".", path)), "break the circle");
      }
    }
    return result;
  }

  private @Nullable Object value(String name, List<String> path) throws OverrideException {
    if (name.startsWith(ENVIRONMENT)) {
      String[] parts = name.substring(ENVIRONMENT.length()).split(",", 2);
      if (parts.length == 2) {
        return Scalars.parse(parts[1].strip());
      }
      throw new OverrideException(
          "${%s}: environment variables are not known where parameters are composed"
              .formatted(name),
          "give a default, or an override");
    }
    int dots = 0;
    while (dots < name.length() && name.charAt(dots) == '.') {
      dots++;
    }
    List<String> at = new ArrayList<>();
    if (dots > 0) {
      at.addAll(path.subList(0, Math.max(0, path.size() - dots)));
    }
    at.addAll(ParamTree.path(name.substring(dots)));
    Object value = tree.find(at);
    if (value == null) {
      throw new OverrideException(
          "Interpolation key '%s' not found".formatted(name),
          "see '%s' in the configurations".formatted(String.join(".", path)));
    }
    return value;
  }
}
