package io.revfs.text;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Writes maps, lists, texts, numbers, booleans and null as YAML in the style of DVC's files: block
 * style, two columns deeper for a map, list dashes below their key, nothing for null.
 */
final class YamlWriter {
  private static final int STEP = 2;

  private final StringBuilder out = new StringBuilder();

  private YamlWriter() {}

  /** Returns a whole document. */
  static String document(@Nullable Object value) {
    YamlWriter writer = new YamlWriter();
    switch (value) {
      case Map<?, ?> map when !map.isEmpty() -> writer.map(map, 0);
      case List<?> list when !list.isEmpty() -> writer.list(list, 0);
      case null -> writer.out.append("null\n...\n");
      default -> writer.out.append(scalar(value, 0, STEP)).append('\n');
    }
    return writer.out.toString();
  }

  /**
   * Returns a value as it stands after {@code key:}, from the space or line break on, without a
   * line break at the end.
   *
   * @param column of the colon and one more
   * @param indent of the map
   */
  static String afterKey(@Nullable Object value, int column, int indent) {
    YamlWriter writer = new YamlWriter();
    writer.out.append(" ".repeat(column)); // so that columns are counted right
    writer.afterColon(value, indent);
    return withoutLastBreak(writer.out.substring(column));
  }

  /** Returns entries of a map, each on lines of its own that are indented. */
  static String entries(Map<?, ?> map, int indent) {
    YamlWriter writer = new YamlWriter();
    writer.map(map, indent);
    return writer.out.toString();
  }

  /** Returns an item of a list as it stands after its dash and a space, as {@link #afterKey}. */
  static String afterDash(@Nullable Object value, int indent) {
    YamlWriter writer = new YamlWriter();
    writer.out.append(" ".repeat(indent)).append("- ");
    writer.item(value, indent);
    return withoutLastBreak(writer.out.substring(indent + STEP));
  }

  /** Returns items of a list, each on lines of its own with its dash. */
  static String items(List<?> list, int indent) {
    YamlWriter writer = new YamlWriter();
    writer.list(list, indent);
    return writer.out.toString();
  }

  private static String withoutLastBreak(String text) {
    return text.endsWith("\n") ? text.substring(0, text.length() - 1) : text;
  }

  /** Returns a scalar, or an empty map or list. */
  static String scalar(@Nullable Object value, int column, int indent) {
    return switch (value) {
      case null -> "";
      case Map<?, ?> map -> "{}";
      case List<?> list -> "[]";
      case Boolean flag -> flag.toString();
      case Number number -> number(number);
      default -> YamlScalars.write(value.toString(), column, indent, false);
    };
  }

  private static String number(Number number) {
    return switch (PythonJson.number(number)) {
      case "NaN" -> ".nan";
      case "Infinity" -> ".inf";
      case "-Infinity" -> "-.inf";
      case String text -> text;
    };
  }

  private void map(Map<?, ?> map, int indent) {
    boolean first = true;
    for (Map.Entry<?, ?> entry : map.entrySet()) {
      if (!first || column() < indent) {
        out.append(" ".repeat(indent - column()));
      }
      first = false;
      if (entry.getKey() instanceof String text && !YamlScalars.isSimpleKey(text)) {
        longKey(text, indent);
        if (entry.getValue() == null) {
          out.append('\n');
        } else {
          out.append(' ');
          item(entry.getValue(), indent);
        }
      } else {
        key(entry.getKey(), indent);
        afterColon(entry.getValue(), indent);
      }
    }
  }

  private void key(@Nullable Object key, int indent) {
    out.append(
            key instanceof String text
                ? YamlScalars.write(text, column(), indent, true)
                : scalar(key, column(), indent))
        .append(':');
  }

  /** A key of many lines or columns, whose value stands after a colon on a line of its own. */
  private void longKey(String key, int indent) {
    out.append("? ").append(YamlScalars.write(key, column(), indent + STEP, false));
    out.append('\n').append(" ".repeat(indent)).append(':');
  }

  private void afterColon(@Nullable Object value, int indent) {
    switch (value) {
      case Map<?, ?> map when !map.isEmpty() -> {
        out.append('\n');
        map(map, indent + STEP);
      }
      case List<?> list when !list.isEmpty() -> {
        out.append('\n');
        list(list, indent);
      }
      case null -> out.append('\n');
      default -> {
        out.append(' ');
        out.append(scalar(value, column(), indent + STEP)).append('\n');
      }
    }
  }

  private void list(List<?> list, int indent) {
    boolean first = true;
    for (Object item : list) {
      if (!first || column() < indent) {
        out.append(" ".repeat(indent - column()));
      }
      first = false;
      out.append("- ");
      item(item, indent);
    }
  }

  private void item(@Nullable Object item, int indent) {
    switch (item) {
      case Map<?, ?> map when !map.isEmpty() -> map(map, indent + STEP);
      case List<?> list when !list.isEmpty() -> list(list, indent + STEP);
      case null -> out.append('\n');
      default -> out.append(scalar(item, column(), indent + STEP)).append('\n');
    }
  }

  private int column() {
    int lineStart = out.lastIndexOf("\n") + 1;
    return out.codePointCount(lineStart, out.length());
  }
}
