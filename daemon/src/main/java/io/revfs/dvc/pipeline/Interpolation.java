package io.revfs.dvc.pipeline;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The syntax of templates: {@code a.b[0].c} in braces behind a dollar sign; a backslash before the
 * dollar sign keeps the text as it is.
 */
final class Interpolation {
  private static final Pattern EXPRESSION = Pattern.compile("(?<!\\\\)\\$\\{(.*?)\\}");
  private static final Pattern WELL_FORMED =
      Pattern.compile("[^.\\[\\]]+(?:\\.[^.\\[\\]]+|\\[[^.\\[\\]]+\\])*");
  private static final String ESCAPED = "\\${";

  private Interpolation() {}

  /** What a value is used for decides which types it may have. */
  enum Use {
    /** Anything goes: what {@code foreach} and {@code matrix} loop over, top-level entries. */
    ANY,
    /** A scalar, or a map that becomes options. */
    COMMAND,
    /** A scalar. */
    SCALAR
  }

  static boolean isTemplate(String text) {
    return EXPRESSION.matcher(text).find();
  }

  /** Checks the expressions of all text in a value, keys too. */
  static void check(@Nullable Object value) throws Unresolved {
    switch (value) {
      case String text -> {
        Matcher matcher = EXPRESSION.matcher(text);
        while (matcher.find()) {
          if (!WELL_FORMED.matcher(matcher.group(1)).matches()) {
            throw new Unresolved("'" + matcher.group() + "' is no expression such as ${a.b[0]}");
          }
        }
      }
      case Map<?, ?> map -> {
        for (Map.Entry<?, ?> entry : map.entrySet()) {
          check(entry.getKey());
          check(entry.getValue());
        }
      }
      case List<?> list -> {
        for (Object item : list) {
          check(item);
        }
      }
      case null, default -> {}
    }
  }

  /** Returns whether any text in a value is a template. */
  static boolean hasTemplate(@Nullable Object value) {
    return switch (value) {
      case String text -> isTemplate(text);
      case Map<?, ?> map ->
          map.entrySet().stream()
              .anyMatch(entry -> hasTemplate(entry.getKey()) || hasTemplate(entry.getValue()));
      case List<?> list -> list.stream().anyMatch(Interpolation::hasTemplate);
      case null, default -> false;
    };
  }

  /** Resolves a value at all depths; text that is one expression only keeps the value's type. */
  static @Nullable Object resolve(
      @Nullable Object value, Context context, Use use, ParsingOptions options) throws Unresolved {
    return switch (value) {
      case String text -> resolveText(text, context, use, options);
      case Map<?, ?> map -> {
        Map<String, @Nullable Object> result = new LinkedHashMap<>();
        for (Map.Entry<?, ?> entry : map.entrySet()) {
          Object key = resolve(entry.getKey(), context, use, options);
          result.put(PythonText.str(plain(key)), resolve(entry.getValue(), context, use, options));
        }
        yield result;
      }
      case List<?> list -> {
        List<@Nullable Object> result = new ArrayList<>();
        for (Object item : list) {
          result.add(resolve(item, context, use, options));
        }
        yield result;
      }
      case null, default -> value;
    };
  }

  private static @Nullable Object plain(@Nullable Object value) {
    return value instanceof ContextNode node ? node.value() : value;
  }

  private static @Nullable Object resolveText(
      String text, Context context, Use use, ParsingOptions options) throws Unresolved {
    Matcher matcher = EXPRESSION.matcher(text);
    if (!matcher.find()) {
      return text.replace(ESCAPED, "${");
    }
    if (use == Use.ANY && matcher.start() == 0 && matcher.end() == text.length()) {
      return context.select(matcher.group(1)); // a node: loops keep track of where it is from
    }
    if (matcher.start() == 0 && matcher.end() == text.length()) {
      Object value = context.select(matcher.group(1)).value();
      checkType(value, use);
      return value instanceof Map<?, ?> map ? options(map, options) : value;
    }
    StringBuilder result = new StringBuilder();
    int end = 0;
    do {
      Object value = context.select(matcher.group(1)).value();
      checkType(value, use);
      result.append(text, end, matcher.start()).append(print(value, options));
      end = matcher.end();
    } while (matcher.find());
    return result.append(text.substring(end)).toString().replace(ESCAPED, "${");
  }

  private static void checkType(@Nullable Object value, Use use) throws Unresolved {
    boolean scalar = !(value instanceof Map<?, ?>) && !(value instanceof List<?>);
    if (!scalar && !(use == Use.COMMAND && value instanceof Map<?, ?>) && use != Use.ANY) {
      throw new Unresolved("Cannot interpolate data of type '" + PythonText.type(value) + "'");
    }
  }

  private static String print(@Nullable Object value, ParsingOptions options) throws Unresolved {
    return value instanceof Map<?, ?> map ? options(map, options) : print(value);
  }

  /** Returns a scalar's text inside text. */
  static String print(@Nullable Object value) {
    return value instanceof Boolean flag ? flag.toString() : PythonText.str(value);
  }

  /** A map as command-line options. */
  private static String options(Map<?, ?> map, ParsingOptions options) throws Unresolved {
    StringBuilder text = new StringBuilder();
    options("", map, options, text);
    return text.toString().stripTrailing();
  }

  private static void options(
      String prefix, Map<?, ?> map, ParsingOptions options, StringBuilder text) throws Unresolved {
    for (Map.Entry<?, ?> entry : map.entrySet()) {
      String key = prefix + entry.getKey();
      switch (entry.getValue()) {
        case Map<?, ?> inner -> options(key + ".", inner, options, text);
        case Boolean flag -> {
          if (flag || options.negatedFlags()) {
            text.append(flag ? "--" : "--no-").append(key).append(' ');
          }
        }
        case String word ->
            text.append("--")
                .append(key)
                .append(' ')
                .append(PythonText.shellQuoted(word))
                .append(' ');
        case List<?> list -> items(key, list, options, text);
        case null, default ->
            text.append("--")
                .append(key)
                .append(' ')
                .append(PythonText.str(entry.getValue()))
                .append(' ');
      }
    }
  }

  private static void items(String key, List<?> list, ParsingOptions options, StringBuilder text)
      throws Unresolved {
    for (int i = 0; i < list.size(); i++) {
      Object item = list.get(i);
      if (item instanceof Map<?, ?> || item instanceof List<?>) {
        throw new Unresolved("Cannot interpolate nested iterable in '" + key + "'");
      }
      if (i == 0 || options.repeatedKeys()) {
        text.append("--").append(key).append(' ');
      }
      text.append(item instanceof String word ? PythonText.shellQuoted(word) : PythonText.str(item))
          .append(' ');
    }
  }
}
