package io.revfs.experiment.override;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Reads overrides in Hydra's grammar: values with and without quotes, lists, maps, several values
 * between commas, and the functions that make or change several. For one text.
 */
public final class OverrideParser {
  private static final Pattern FORM =
      Pattern.compile("(\\+\\+|\\+|~|)([^=+~\\s][^=\\s]*?)(?:\\s*=(.*))?", Pattern.DOTALL);
  private static final Pattern FUNCTION = Pattern.compile("([A-Za-z_]\\w*)\\(");
  private static final String ENDS = ",]})";

  private final String override;
  private final String text;
  private int at;

  private OverrideParser(String override, String text) {
    this.override = override;
    this.text = text;
  }

  /**
   * Reads one.
   *
   * @throws OverrideException if it is none
   */
  public static ParamOverride parse(String override) throws OverrideException {
    Matcher matcher = FORM.matcher(override.strip());
    if (!matcher.matches()) {
      throw wrong(override, "'key=value' is expected");
    }
    ParamOverride.Kind kind =
        switch (matcher.group(1)) {
          case "+" -> ParamOverride.Kind.ADD;
          case "++" -> ParamOverride.Kind.FORCE_ADD;
          case "~" -> ParamOverride.Kind.DELETE;
          default -> ParamOverride.Kind.CHANGE;
        };
    @Nullable String right = matcher.group(3);
    if (right == null) {
      if (kind != ParamOverride.Kind.DELETE) {
        throw wrong(override, "'=' and a value are missing");
      }
      return new ParamOverride(override, kind, matcher.group(2), Optional.empty());
    }
    OverrideParser parser = new OverrideParser(override, right);
    ParamOverride.Value value = parser.right();
    if (kind == ParamOverride.Kind.DELETE && value instanceof ParamOverride.Value.Sweep) {
      throw wrong(override, "several values make no sense where a key is taken out");
    }
    return new ParamOverride(override, kind, matcher.group(2), Optional.of(value));
  }

  private static OverrideException wrong(String override, String why) {
    return new OverrideException(
        "Invalid `--set-param` value '%s': %s".formatted(override, why),
        "for instance train.lr=0.1, 'train.lr=0.1,0.2', 'n=range(1,5)', +new=1, ~old");
  }

  private OverrideException wrong(String why) {
    return wrong(override, why);
  }

  private ParamOverride.Value right() throws OverrideException {
    if (text.isBlank()) {
      return new ParamOverride.Value.Single("");
    }
    List<@Nullable Object> values = new ArrayList<>();
    values.add(element());
    while (peek() == ',') {
      at++;
      values.add(element());
    }
    if (peek() != 0) {
      throw wrong("'%s' is not expected here".formatted(text.substring(at)));
    }
    if (values.size() > 1) {
      if (values.stream().anyMatch(Sweeps.class::isInstance)) {
        throw wrong("a function that makes several values stands alone");
      }
      return new ParamOverride.Value.Sweep(values);
    }
    Object only = values.getFirst();
    return only instanceof Sweeps sweep
        ? new ParamOverride.Value.Sweep(sweep.values())
        : new ParamOverride.Value.Single(only);
  }

  /** Returns the next character that is no space, 0 at the end. */
  private char peek() {
    while (at < text.length() && Character.isWhitespace(text.charAt(at))) {
      at++;
    }
    return at < text.length() ? text.charAt(at) : 0;
  }

  private void expect(char c) throws OverrideException {
    if (peek() != c) {
      throw wrong("'%s' is missing".formatted(c));
    }
    at++;
  }

  private @Nullable Object element() throws OverrideException {
    char c = peek();
    if (c == '[') {
      return list();
    }
    if (c == '{') {
      return map();
    }
    if (c == '\'' || c == '"') {
      return quoted(c);
    }
    Matcher function = FUNCTION.matcher(text).region(at, text.length());
    if (function.lookingAt()) {
      at = function.end();
      return function(function.group(1));
    }
    return word(ENDS);
  }

  private List<@Nullable Object> list() throws OverrideException {
    expect('[');
    List<@Nullable Object> items = new ArrayList<>();
    while (peek() != ']') {
      items.add(plain(element()));
      if (peek() != ']') {
        expect(',');
      }
    }
    at++;
    return items;
  }

  private Map<String, @Nullable Object> map() throws OverrideException {
    expect('{');
    Map<String, @Nullable Object> entries = new LinkedHashMap<>();
    while (peek() != '}') {
      char c = peek();
      Object key = c == '\'' || c == '"' ? quoted(c) : word(":" + ENDS);
      expect(':');
      entries.put(String.valueOf(key), plain(element()));
      if (peek() != '}') {
        expect(',');
      }
    }
    at++;
    return entries;
  }

  private @Nullable Object plain(@Nullable Object value) throws OverrideException {
    if (value instanceof Sweeps) {
      throw wrong("a function that makes several values cannot stand inside of another value");
    }
    return value;
  }

  private String quoted(char quote) throws OverrideException {
    StringBuilder value = new StringBuilder();
    for (at++; at < text.length(); at++) {
      char c = text.charAt(at);
      char next = at + 1 < text.length() ? text.charAt(at + 1) : 0;
      if (c == '\\' && (next == quote || next == '\\')) {
        value.append(next);
        at++;
      } else if (c == quote) {
        at++;
        return value.toString();
      } else {
        value.append(c);
      }
    }
    throw wrong("the quotation mark at the end is missing");
  }

  /** Reads what has no quotes; a backslash takes the meaning of what follows away. */
  private @Nullable Object word(String ends) throws OverrideException {
    StringBuilder word = new StringBuilder();
    boolean escaped = false;
    int braces = 0;
    for (int start = at; at < text.length(); at++) {
      char c = text.charAt(at);
      if (c == '\\'
          && at + 1 < text.length()
          && "\\()[]{}:=, \t".indexOf(text.charAt(at + 1)) >= 0) {
        word.append(text.charAt(++at));
        escaped = true;
        continue;
      }
      if (c == '{' && at > start && text.charAt(at - 1) == '$') {
        braces++; // ${interpolation}
      } else if (braces > 0 && c == '}') {
        braces--;
        word.append(c);
        continue;
      } else if (braces == 0 && ends.indexOf(c) >= 0) {
        break;
      } else if (braces == 0 && (c == '[' || c == '(' || c == '{' || c == '"' || c == '\'')) {
        throw wrong("'%s' needs quotes around the value, or a backslash before it".formatted(c));
      }
      word.append(c);
    }
    String plain = escaped ? word.toString() : word.toString().strip();
    if (plain.isEmpty()) {
      throw wrong("a value is missing");
    }
    return escaped ? plain : Scalars.parse(plain);
  }

  /** Several values of one key. */
  record Sweeps(List<@Nullable Object> values) {}

  private @Nullable Object function(String name) throws OverrideException {
    List<@Nullable Object> arguments = new ArrayList<>();
    Map<String, @Nullable Object> named = new LinkedHashMap<>();
    while (peek() != ')') {
      Matcher label =
          Pattern.compile("([A-Za-z_]\\w*)\\s*=").matcher(text).region(at, text.length());
      if (label.lookingAt()) {
        at = label.end();
        named.put(label.group(1), element());
      } else {
        arguments.add(element());
      }
      if (peek() != ')') {
        expect(',');
      }
    }
    at++;
    try {
      return Functions.call(name, arguments, named);
    } catch (IllegalArgumentException e) {
      throw wrong(String.valueOf(e.getMessage()));
    }
  }
}
