package io.revfs.dvc.pipeline;

import java.math.BigDecimal;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Values as Python prints them, and arguments as its {@code shlex} quotes them. */
public final class PythonText {
  private static final Pattern SAFE = Pattern.compile("[A-Za-z0-9_@%+=:,./-]+");

  private PythonText() {}

  /** Returns {@code str(value)}. */
  public static String str(@Nullable Object value) {
    return value instanceof String text ? text : repr(value);
  }

  /** Returns {@code repr(value)} of values of YAML, JSON or TOML. */
  public static String repr(@Nullable Object value) {
    return switch (value) {
      case null -> "None";
      case Boolean b -> b ? "True" : "False";
      case Double d -> number(d);
      case Float f -> number(f.doubleValue());
      case String text -> quoted(text);
      case List<?> list -> list(list);
      case Map<?, ?> map -> map(map);
      default -> value.toString();
    };
  }

  private static String list(List<?> list) {
    StringBuilder text = new StringBuilder("[");
    for (Object item : list) {
      text.append(text.length() > 1 ? ", " : "").append(repr(item));
    }
    return text.append(']').toString();
  }

  private static String map(Map<?, ?> map) {
    StringBuilder text = new StringBuilder("{");
    for (Map.Entry<?, ?> entry : map.entrySet()) {
      text.append(text.length() > 1 ? ", " : "")
          .append(repr(entry.getKey()))
          .append(": ")
          .append(repr(entry.getValue()));
    }
    return text.append('}').toString();
  }

  private static String quoted(String text) {
    char quote = text.indexOf('\'') >= 0 && text.indexOf('"') < 0 ? '"' : '\'';
    StringBuilder result = new StringBuilder().append(quote);
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '\n' -> result.append("\\n");
        case '\r' -> result.append("\\r");
        case '\t' -> result.append("\\t");
        case '\\' -> result.append("\\\\");
        default -> {
          if (c == quote) {
            result.append('\\');
          }
          result.append(c);
        }
      }
    }
    return result.append(quote).toString();
  }

  /** Returns a float's shortest text: an exponent below 1e-4 and from 1e16 on. */
  public static String number(double value) {
    if (Double.isNaN(value)) {
      return "nan";
    }
    if (Double.isInfinite(value)) {
      return value > 0 ? "inf" : "-inf";
    }
    if (value == 0) {
      return 1 / value < 0 ? "-0.0" : "0.0";
    }
    BigDecimal shortest = new BigDecimal(Double.toString(value)).stripTrailingZeros();
    String digits = shortest.unscaledValue().abs().toString();
    int exponent = digits.length() - 1 - shortest.scale();
    String sign = value < 0 ? "-" : "";
    if (exponent < -4 || exponent >= 16) {
      String fraction = digits.length() > 1 ? "." + digits.substring(1) : "";
      int magnitude = Math.abs(exponent);
      return sign
          + digits.charAt(0)
          + fraction
          + (exponent < 0 ? "e-" : "e+")
          + (magnitude < 10 ? "0" : "")
          + magnitude;
    }
    String plain = shortest.abs().toPlainString();
    return sign + (plain.indexOf('.') < 0 ? plain + ".0" : plain);
  }

  /** Returns the name of the type, for messages. */
  public static String type(@Nullable Object value) {
    return switch (value) {
      case null -> "NoneType";
      case Boolean b -> "bool";
      case Double d -> "float";
      case String s -> "str";
      case List<?> list -> "list";
      case Map<?, ?> map -> "dict";
      case Number n -> "int";
      default -> value.getClass().getSimpleName();
    };
  }

  /** Returns an argument as a shell takes it back: {@code shlex.quote}. */
  public static String shellQuoted(String text) {
    if (SAFE.matcher(text).matches()) {
      return text;
    }
    return "'" + text.replace("'", "'\"'\"'") + "'";
  }
}
