package io.revfs.text;

import com.fasterxml.jackson.databind.JsonNode;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.MathContext;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * JSON byte for byte as Python's {@code json.dumps(value, sort_keys=True)} writes it: separators
 * {@code ", "} and {@code ": "}, pure ASCII, keys sorted by code point. Values are maps, lists,
 * texts, numbers, booleans and null, or Jackson's trees.
 */
public final class PythonJson {
  private final StringBuilder out = new StringBuilder();
  private final boolean sorted;

  private PythonJson(boolean sorted) {
    this.sorted = sorted;
  }

  /** Returns the text of a value. */
  public static String of(@Nullable Object value) {
    PythonJson json = new PythonJson(true);
    json.value(value);
    return json.out.toString();
  }

  /** Returns the text of a value whose keys are in the order of its maps. */
  public static String inOrder(@Nullable Object value) {
    PythonJson json = new PythonJson(false);
    json.value(value);
    return json.out.toString();
  }

  private void value(@Nullable Object value) {
    switch (value) {
      case null -> out.append("null");
      case JsonNode node -> value(plain(node));
      case Map<?, ?> map -> map(map);
      case Iterable<?> list -> list(list);
      case Boolean flag -> out.append(flag);
      case Number number -> out.append(number(number));
      default -> {
        out.append('"');
        escape(out, value.toString());
        out.append('"');
      }
    }
  }

  private static @Nullable Object plain(JsonNode node) {
    return switch (node.getNodeType()) {
      case NULL, MISSING -> null;
      case BOOLEAN -> node.booleanValue();
      case NUMBER -> node.numberValue();
      case ARRAY -> {
        List<JsonNode> items = new ArrayList<>();
        node.forEach(items::add);
        yield items;
      }
      case OBJECT -> {
        Map<String, JsonNode> entries = new java.util.LinkedHashMap<>();
        node.properties().forEach(entry -> entries.put(entry.getKey(), entry.getValue()));
        yield entries;
      }
      default -> node.asText();
    };
  }

  private void map(Map<?, ?> map) {
    List<String> keys = new ArrayList<>();
    map.keySet().forEach(key -> keys.add(String.valueOf(key)));
    if (sorted) {
      keys.sort(PythonJson::compareCodePoints);
    }
    out.append('{');
    String separator = "";
    for (String key : keys) {
      out.append(separator).append('"');
      escape(out, key);
      out.append("\": ");
      value(map.get(key));
      separator = ", ";
    }
    out.append('}');
  }

  private void list(Iterable<?> list) {
    out.append('[');
    String separator = "";
    for (Object item : list) {
      out.append(separator);
      value(item);
      separator = ", ";
    }
    out.append(']');
  }

  /** Compares as Python does, by code point; Java's own order differs above U+FFFF. */
  public static int compareCodePoints(String a, String b) {
    int length = Math.min(a.length(), b.length());
    for (int i = 0; i < length; i++) {
      char x = a.charAt(i);
      char y = b.charAt(i);
      if (x != y) {
        boolean surrogates = Character.isSurrogate(x) != Character.isSurrogate(y);
        return surrogates ? (Character.isSurrogate(x) ? 1 : -1) : Character.compare(x, y);
      }
    }
    return Integer.compare(a.length(), b.length());
  }

  /** Returns a number as Python's {@code repr} and {@code json} write it. */
  public static String number(Number number) {
    return switch (number) {
      case Double d -> real(d);
      case Float f -> real(f.doubleValue());
      case BigDecimal d -> real(d.doubleValue());
      case BigInteger i -> i.toString();
      default -> Long.toString(number.longValue());
    };
  }

  /**
   * Shortest digits that read back as the same number; an exponent from 1e16 on and below 1e-4,
   * with two digits at least.
   */
  private static String real(double value) {
    if (Double.isNaN(value)) {
      return "NaN";
    }
    if (Double.isInfinite(value)) {
      return value > 0 ? "Infinity" : "-Infinity";
    }
    if (value == 0) {
      return 1 / value < 0 ? "-0.0" : "0.0";
    }
    BigDecimal decimal = shortest(value);
    String digits = decimal.unscaledValue().abs().toString();
    int exponent = digits.length() - decimal.scale() - 1;
    String sign = value < 0 ? "-" : "";
    if (exponent < -4 || exponent >= 16) {
      String fraction = digits.length() > 1 ? "." + digits.substring(1) : "";
      String power = (Math.abs(exponent) < 10 ? "0" : "") + Math.abs(exponent);
      return sign + digits.charAt(0) + fraction + "e" + (exponent < 0 ? "-" : "+") + power;
    }
    if (exponent < 0) {
      return sign + "0." + "0".repeat(-exponent - 1) + digits;
    }
    if (digits.length() <= exponent + 1) {
      return sign + digits + "0".repeat(exponent + 1 - digits.length()) + ".0";
    }
    return sign + digits.substring(0, exponent + 1) + "." + digits.substring(exponent + 1);
  }

  /** Java's own text has two digits at least, Python's may have one. */
  private static BigDecimal shortest(double value) {
    BigDecimal decimal = new BigDecimal(Double.toString(value)).stripTrailingZeros();
    if (decimal.precision() == 2) {
      BigDecimal rounded = decimal.round(new MathContext(1));
      return rounded.doubleValue() == value ? rounded : decimal;
    }
    return decimal;
  }

  /** Appends a text as it stands between the quotes. */
  public static void escape(StringBuilder json, String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '"' -> json.append("\\\"");
        case '\\' -> json.append("\\\\");
        case '\n' -> json.append("\\n");
        case '\r' -> json.append("\\r");
        case '\t' -> json.append("\\t");
        case '\b' -> json.append("\\b");
        case '\f' -> json.append("\\f");
        default -> {
          if (c >= 0x20 && c <= 0x7e) {
            json.append(c);
          } else {
            json.append("\\u").append(hex(c));
          }
        }
      }
    }
  }

  private static String hex(char c) {
    return java.util.HexFormat.of().toHexDigits(c);
  }
}
