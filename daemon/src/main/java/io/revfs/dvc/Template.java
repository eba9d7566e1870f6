package io.revfs.dvc;

import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * DVC's templating (FORMATS, section 6): an expression such as {@code a.b[0].c} in braces behind a
 * dollar sign is replaced by a value of the context; a backslash before it keeps it as it is.
 */
final class Template {
  private static final Pattern EXPRESSION = Pattern.compile("(\\\\?)\\$\\{([^{}]*)\\}");
  private static final Pattern STEP = Pattern.compile("\\G(?:\\.?([^.\\[\\]]+)|\\[([^\\]]+)\\])");

  private Template() {}

  /** A template that cannot be resolved. */
  static final class Unresolved extends Exception {
    private static final long serialVersionUID = 1L;

    Unresolved(String what) {
      super(what, null, false, false);
    }
  }

  /** Resolves a value: text that is one expression only keeps the value's type. */
  static @Nullable Object resolve(@Nullable Object value, Map<String, @Nullable Object> context)
      throws Unresolved {
    if (!(value instanceof String text)) {
      return value;
    }
    Matcher whole = EXPRESSION.matcher(text);
    if (whole.matches() && whole.group(1).isEmpty()) {
      return lookup(whole.group(2), context);
    }
    return text(text, context);
  }

  /** Resolves text to text. */
  static String text(String text, Map<String, @Nullable Object> context) throws Unresolved {
    Matcher matcher = EXPRESSION.matcher(text);
    StringBuilder result = new StringBuilder();
    int end = 0;
    while (matcher.find()) {
      result.append(text, end, matcher.start());
      if (matcher.group(1).isEmpty()) {
        result.append(print(lookup(matcher.group(2), context)));
      } else {
        result.append(matcher.group().substring(1));
      }
      end = matcher.end();
    }
    return result.append(text.substring(end)).toString();
  }

  /** Prints a scalar inside text; DVC refuses maps and lists there. */
  private static String print(@Nullable Object value) throws Unresolved {
    return switch (value) {
      case null -> "None";
      case Map<?, ?> map -> throw new Unresolved("a map of " + map.size() + " inside text");
      case List<?> list -> throw new Unresolved("a list of " + list.size() + " inside text");
      default -> value.toString();
    };
  }

  /** Prints a scalar as Python does, for the names of foreach stages. */
  static String python(@Nullable Object value) {
    return switch (value) {
      case null -> "None";
      case Boolean b -> b ? "True" : "False";
      default -> value.toString();
    };
  }

  static @Nullable Object lookup(String expression, Map<String, @Nullable Object> context)
      throws Unresolved {
    String trimmed = expression.strip();
    Matcher step = STEP.matcher(trimmed);
    @Nullable Object at = context;
    int end = 0;
    while (end < trimmed.length() && step.find()) {
      String key = step.group(1) != null ? step.group(1) : step.group(2);
      at = child(at, key, trimmed);
      end = step.end();
    }
    if (trimmed.isEmpty() || end != trimmed.length()) {
      throw new Unresolved("'${" + expression + "}' is malformed");
    }
    return at;
  }

  private static @Nullable Object child(@Nullable Object at, String key, String expression)
      throws Unresolved {
    if (at instanceof Map<?, ?> map && map.containsKey(key)) {
      return map.get(key);
    }
    if (at instanceof List<?> list) {
      try {
        int index = Integer.parseInt(key.strip());
        if (index >= 0 && index < list.size()) {
          return list.get(index);
        }
      } catch (NumberFormatException e) {
        // Said below.
      }
    }
    throw new Unresolved("could not find '" + expression + "'");
  }
}
