package io.revfs.experiment.override;

import io.revfs.dvc.pipeline.PythonText;
import io.revfs.text.PythonJson;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Changes values where they stand in a text of lines {@code name = value} below {@code [table]} or
 * {@code class Name:}. Whoever calls reads the result to see whether it came out right.
 *
 * @param comment what begins a comment
 * @param literal how a value is written
 */
record LineEdits(String comment, Function<@Nullable Object, String> literal) {
  private static final Pattern TABLE = Pattern.compile("\\s*\\[\\s*([^\\[\\]]+?)\\s*\\]\\s*(#.*)?");
  private static final Pattern CLASS = Pattern.compile("class\\s+(\\w+).*:\\s*(#.*)?");
  private static final Pattern ENTRY =
      Pattern.compile("(\\s*)([\\w.\"'-]+)((?:\\s*:\\s*[\\w.\\[\\], ]+)?\\s*=\\s*)(.*)");

  static String toml(@Nullable Object value) {
    return switch (value) {
      case String text -> {
        StringBuilder quoted = new StringBuilder("\"");
        PythonJson.escape(quoted, text);
        yield quoted.append('"').toString();
      }
      case List<?> list ->
          list.stream().map(LineEdits::toml).collect(Collectors.joining(", ", "[", "]"));
      case Map<?, ?> map ->
          map.entrySet().stream()
              .map(entry -> entry.getKey() + " = " + toml(entry.getValue()))
              .collect(Collectors.joining(", ", "{", "}"));
      case Boolean flag -> flag.toString();
      case null -> "\"\"";
      default -> PythonText.str(value);
    };
  }

  static String python(@Nullable Object value) {
    return PythonText.repr(value);
  }

  /**
   * Returns the text with these values; what has no line yet comes behind the last of its table.
   */
  String edit(String text, Map<String, @Nullable Object> values) {
    Map<List<String>, @Nullable Object> wanted = new LinkedHashMap<>();
    flatten(List.of(), values, wanted);
    List<String> lines = new ArrayList<>();
    Set<List<String>> seen = new LinkedHashSet<>();
    List<String> table = List.of();
    Map<List<String>, Integer> ends = new LinkedHashMap<>();
    for (String line : text.lines().toList()) {
      Matcher header = TABLE.matcher(line);
      Matcher type = CLASS.matcher(line);
      Matcher entry = ENTRY.matcher(line);
      if (header.matches()) {
        table = ParamTree.path(header.group(1).replaceAll("[\"'\\s]", ""));
      } else if (type.matches()) {
        table = List.of(type.group(1));
      } else if (entry.matches() && !line.strip().startsWith(comment)) {
        if (entry.group(1).isEmpty() && comment.equals("#") && isPythonTop(table, lines)) {
          table = List.of();
        }
        List<String> path = new ArrayList<>(table);
        path.addAll(ParamTree.path(entry.group(2).replaceAll("[\"']", "")));
        if (!wanted.containsKey(path)) {
          continue; // taken out
        }
        seen.add(path);
        String old = entry.group(4);
        String rest = commentOf(old);
        lines.add(
            entry.group(1)
                + entry.group(2)
                + entry.group(3)
                + literal.apply(wanted.get(path))
                + rest);
        ends.put(table, lines.size());
        continue;
      }
      lines.add(line);
      if (header.matches() || type.matches()) {
        ends.put(table, lines.size());
      }
    }
    int shift = 0;
    for (Map.Entry<List<String>, @Nullable Object> one : wanted.entrySet()) {
      if (!seen.contains(one.getKey())) {
        List<String> parent = one.getKey().subList(0, one.getKey().size() - 1);
        String line = one.getKey().getLast() + " = " + literal.apply(one.getValue());
        Integer end = ends.get(parent);
        lines.add(end == null ? 0 : Math.min(lines.size(), end + shift), line);
        shift++;
      }
    }
    return String.join("\n", lines) + "\n";
  }

  /** A line at the margin ends a Python class; a table of TOML goes on. */
  private static boolean isPythonTop(List<String> table, List<String> lines) {
    return table.size() == 1
        && lines.stream().anyMatch(line -> CLASS.matcher(line).matches())
        && lines.stream().noneMatch(line -> TABLE.matcher(line).matches());
  }

  private String commentOf(String value) {
    boolean quoted = false;
    char quote = 0;
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      if (quoted) {
        quoted = c != quote;
      } else if (c == '"' || c == '\'') {
        quoted = true;
        quote = c;
      } else if (value.startsWith(comment, i)) {
        int from = i;
        while (from > 0 && value.charAt(from - 1) == ' ') {
          from--;
        }
        return value.substring(from);
      }
    }
    return "";
  }

  private static void flatten(
      List<String> path, Map<?, ?> map, Map<List<String>, @Nullable Object> to) {
    map.forEach(
        (key, value) -> {
          List<String> longer = new ArrayList<>(path);
          longer.add(String.valueOf(key));
          if (value instanceof Map<?, ?> inner && !inner.isEmpty()) {
            flatten(longer, inner, to);
          } else {
            to.put(longer, value);
          }
        });
  }
}
