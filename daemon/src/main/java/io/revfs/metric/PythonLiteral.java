package io.revfs.metric;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** A literal of Python: numbers, strings, None, True, False, lists, tuples, sets, dicts. */
final class PythonLiteral {
  private static final int MAX_DEPTH = 100;
  private static final Pattern NUMBER =
      Pattern.compile(
          "0[xX][0-9a-fA-F_]+|0[oO][0-7_]+|0[bB][01_]+"
              + "|(?:[0-9][0-9_]*\\.?[0-9_]*|\\.[0-9][0-9_]*)(?:[eE][-+]?[0-9_]+)?");
  private static final Pattern PREFIX = Pattern.compile("(?i)(r|u|b|br|rb)?(?=[\"'])");
  private static final Pattern WORD = Pattern.compile("[A-Za-z_]\\w*");

  private final String text;
  private int at;

  private PythonLiteral(String text) {
    this.text = text;
  }

  /** What was read; None is null. */
  record Value(@Nullable Object value) {}

  /** Thrown where there is no literal. */
  private static final class NoLiteral extends Exception {
    private static final long serialVersionUID = 1L;

    NoLiteral() {
      super(null, null, false, false);
    }
  }

  /** Returns the literal that a text is; empty if it is something else. */
  static Optional<Value> parse(String text) {
    PythonLiteral parser = new PythonLiteral(text);
    try {
      Object value = parser.items(0);
      parser.space();
      return parser.at == text.length() ? Optional.of(new Value(value)) : Optional.empty();
    } catch (NoLiteral e) {
      return Optional.empty();
    }
  }

  private void space() {
    while (at < text.length() && Character.isWhitespace(text.charAt(at))) {
      at++;
    }
  }

  private boolean take(char c) {
    space();
    if (at < text.length() && text.charAt(at) == c) {
      at++;
      return true;
    }
    return false;
  }

  private char peek() {
    space();
    return at < text.length() ? text.charAt(at) : '\0';
  }

  /** A literal, or several with commas between, which are a tuple. */
  private @Nullable Object items(int depth) throws NoLiteral {
    Object first = one(depth);
    if (!take(',')) {
      return first;
    }
    List<@Nullable Object> items = new ArrayList<>();
    items.add(first);
    while (peek() != '\0' && peek() != ')') {
      items.add(one(depth));
      if (!take(',')) {
        break;
      }
    }
    return items;
  }

  private @Nullable Object one(int depth) throws NoLiteral {
    if (depth > MAX_DEPTH) {
      throw new NoLiteral();
    }
    char c = peek();
    return switch (c) {
      case '[' -> list(depth);
      case '(' -> parenthesis(depth);
      case '{' -> braces(depth);
      case '-', '+' -> signed(depth);
      default -> atom(c);
    };
  }

  private List<@Nullable Object> list(int depth) throws NoLiteral {
    at++;
    List<@Nullable Object> items = new ArrayList<>();
    while (!take(']')) {
      items.add(one(depth + 1));
      if (!take(',') && peek() != ']') {
        throw new NoLiteral();
      }
    }
    return items;
  }

  private @Nullable Object parenthesis(int depth) throws NoLiteral {
    at++;
    if (take(')')) {
      return List.of();
    }
    Object value = items(depth + 1);
    if (!take(')')) {
      throw new NoLiteral();
    }
    return value;
  }

  private Object braces(int depth) throws NoLiteral {
    at++;
    Map<String, @Nullable Object> map = new LinkedHashMap<>();
    LinkedHashSet<@Nullable Object> set = new LinkedHashSet<>();
    while (!take('}')) {
      Object key = one(depth + 1);
      if (take(':')) {
        map.put(io.revfs.dvc.pipeline.PythonText.str(key), one(depth + 1));
      } else {
        set.add(key);
      }
      if (!take(',') && peek() != '}') {
        throw new NoLiteral();
      }
    }
    if (!set.isEmpty() && !map.isEmpty()) {
      throw new NoLiteral();
    }
    return set.isEmpty() ? map : new ArrayList<>(set);
  }

  private Object signed(int depth) throws NoLiteral {
    boolean negative = text.charAt(at++) == '-';
    return switch (one(depth + 1)) {
      case Long n -> negative ? (Object) (-n) : n;
      case BigInteger n -> negative ? n.negate() : n;
      case Double d -> negative ? (Object) (-d) : d;
      case null, default -> throw new NoLiteral();
    };
  }

  private @Nullable Object atom(char c) throws NoLiteral {
    Matcher string = PREFIX.matcher(text).region(at, text.length());
    if (string.lookingAt()) {
      return strings();
    }
    Matcher number = NUMBER.matcher(text).region(at, text.length());
    if ((Character.isDigit(c) || c == '.') && number.lookingAt()) {
      at = number.end();
      return number(number.group().replace("_", "").toLowerCase(Locale.ROOT));
    }
    Matcher word = WORD.matcher(text).region(at, text.length());
    if (word.lookingAt()) {
      at = word.end();
      switch (word.group()) {
        case "None" -> {
          return null;
        }
        case "True" -> {
          return true;
        }
        case "False" -> {
          return false;
        }
        default -> {}
      }
    }
    throw new NoLiteral();
  }

  private static Object number(String digits) throws NoLiteral {
    try {
      if (digits.startsWith("0x") || digits.startsWith("0o") || digits.startsWith("0b")) {
        int radix = digits.charAt(1) == 'x' ? 16 : digits.charAt(1) == 'o' ? 8 : 2;
        return small(new BigInteger(digits.substring(2), radix));
      }
      boolean floating = digits.indexOf('.') >= 0 || digits.indexOf('e') >= 0;
      return floating ? (Object) Double.valueOf(digits) : small(new BigInteger(digits));
    } catch (NumberFormatException e) {
      throw new NoLiteral();
    }
  }

  private static Object small(BigInteger value) {
    return value.bitLength() < Long.SIZE ? (Object) value.longValue() : value;
  }

  /** Strings beside each other are one. */
  private String strings() throws NoLiteral {
    StringBuilder all = new StringBuilder();
    Matcher prefix = PREFIX.matcher(text);
    while (prefix.region(at, text.length()).lookingAt()) {
      boolean raw = prefix.group().toLowerCase(Locale.ROOT).contains("r");
      at = prefix.end();
      string(raw, all);
      space();
    }
    return all.toString();
  }

  private void string(boolean raw, StringBuilder to) throws NoLiteral {
    char quote = text.charAt(at);
    String end = String.valueOf(quote).repeat(text.startsWith(("" + quote).repeat(3), at) ? 3 : 1);
    at += end.length();
    while (at < text.length() && !text.startsWith(end, at)) {
      char c = text.charAt(at++);
      if (c == '\\' && at < text.length()) {
        if (raw) {
          to.append(c).append(text.charAt(at++));
        } else {
          escape(to);
        }
      } else {
        to.append(c);
      }
    }
    if (at >= text.length()) {
      throw new NoLiteral();
    }
    at += end.length();
  }

  private void escape(StringBuilder to) throws NoLiteral {
    char c = text.charAt(at++);
    switch (c) {
      case '\n' -> {}
      case 'n' -> to.append('\n');
      case 't' -> to.append('\t');
      case 'r' -> to.append('\r');
      case 'b' -> to.append('\b');
      case 'f' -> to.append('\f');
      case 'a' -> to.append('\u0007');
      case 'v' -> to.append('\u000B');
      case '0' -> to.append('\0');
      case '\\', '\'', '"' -> to.append(c);
      case 'x' -> to.appendCodePoint(hex(2));
      case 'u' -> to.appendCodePoint(hex(4));
      case 'U' -> to.appendCodePoint(hex(8));
      default -> to.append('\\').append(c);
    }
  }

  private int hex(int digits) throws NoLiteral {
    try {
      int value = Integer.parseInt(text.substring(at, at + digits), 16);
      at += digits;
      if (!Character.isValidCodePoint(value)) {
        throw new NoLiteral();
      }
      return value;
    } catch (NumberFormatException | IndexOutOfBoundsException e) {
      throw new NoLiteral();
    }
  }
}
