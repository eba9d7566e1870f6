package io.revfs.text;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * An INI text as ConfigObj writes it, changed in place: comments, blank lines and order stay.
 * Sections are at the left margin, keys four columns in. Names of sections and keys are compared
 * without case. Not thread-safe.
 */
public final class IniDocument {
  private static final Pattern SECTION = Pattern.compile("\\s*\\[\\s*(.*?)\\s*\\]\\s*(#.*)?");
  private static final Pattern ENTRY = Pattern.compile("(\\s*)([^=#]+?)(\\s*=\\s*)(.*)");

  /** A section with a name of its own comes after those that there are once. */
  private static final Pattern NAMED = Pattern.compile("\\w+ +\".*\"");

  private final List<Line> lines = new ArrayList<>();

  /** One line; {@code section} is the one it stands in. */
  private sealed interface Line {
    String text();

    /** {@code [name]}. */
    record Header(String text, String section) implements Line {}

    /** {@code key = value}. */
    record Entry(String text, String section, String key, String value) implements Line {}

    /** A comment, a blank line, or what is not understood. */
    record Other(String text) implements Line {}
  }

  private IniDocument() {}

  /** Reads a text; what is not understood is kept as it is. */
  public static IniDocument parse(String text) {
    IniDocument document = new IniDocument();
    String section = "";
    for (String line : text.lines().toList()) {
      Line parsed = parse(line, section);
      if (parsed instanceof Line.Header header) {
        section = header.section();
      }
      document.lines.add(parsed);
    }
    return document;
  }

  private static Line parse(String line, String section) {
    if (line.isBlank() || line.strip().startsWith("#")) {
      return new Line.Other(line);
    }
    Matcher header = SECTION.matcher(line);
    if (header.matches()) {
      return new Line.Header(line, fold(unquote(header.group(1))));
    }
    Matcher entry = ENTRY.matcher(line);
    if (!entry.matches()) {
      return new Line.Other(line);
    }
    String key = fold(unquote(entry.group(2).strip()));
    return new Line.Entry(line, section, key, unquote(valuePart(entry.group(4)).strip()));
  }

  private static String fold(String name) {
    return name.toLowerCase(Locale.ROOT);
  }

  /** What stands before a comment. */
  private static String valuePart(String rest) {
    String value = rest.stripLeading();
    if (!value.isEmpty() && (value.charAt(0) == '"' || value.charAt(0) == '\'')) {
      int end = value.indexOf(value.charAt(0), 1);
      if (end > 0) {
        return value.substring(0, end + 1);
      }
    }
    int comment = value.indexOf(" #");
    return comment < 0 ? value : value.substring(0, comment);
  }

  private static String unquote(String text) {
    boolean quoted =
        text.length() >= 2
            && (text.charAt(0) == '"' || text.charAt(0) == '\'')
            && text.charAt(text.length() - 1) == text.charAt(0);
    return quoted ? text.substring(1, text.length() - 1) : text;
  }

  /** Returns the sections, in order, with their keys and values. */
  public Map<String, Map<String, String>> sections() {
    Map<String, Map<String, String>> sections = new LinkedHashMap<>();
    for (Line line : lines) {
      if (line instanceof Line.Header header) {
        sections.computeIfAbsent(header.section(), name -> new LinkedHashMap<>());
      } else if (line instanceof Line.Entry entry) {
        sections
            .computeIfAbsent(entry.section(), name -> new LinkedHashMap<>())
            .put(entry.key(), entry.value());
      }
    }
    return sections;
  }

  /** Returns a value. */
  public Optional<String> get(String section, String key) {
    return Optional.ofNullable(sections().getOrDefault(fold(section), Map.of()).get(fold(key)));
  }

  /** Returns whether there is such a section. */
  public boolean has(String section) {
    return sections().containsKey(fold(section));
  }

  /** Sets a value, adding key and section where they are not there. */
  public void set(String section, String key, String value) {
    String in = fold(section);
    for (int i = lines.size() - 1; i >= 0; i--) {
      if (lines.get(i) instanceof Line.Entry entry
          && entry.section().equals(in)
          && entry.key().equals(fold(key))) {
        lines.set(i, changed(entry, value));
        return;
      }
    }
    add(section);
    String text = "    " + quote(fold(key)) + " = " + quote(value);
    lines.add(endOf(in), new Line.Entry(text, in, fold(key), value));
  }

  private static Line changed(Line.Entry entry, String value) {
    Matcher matcher = ENTRY.matcher(entry.text());
    if (!matcher.matches()) {
      throw new IllegalStateException(entry.text());
    }
    String rest = matcher.group(4).stripLeading();
    String comment = rest.substring(valuePart(rest).length());
    String start = entry.text().substring(0, matcher.start(4));
    return new Line.Entry(start + quote(value) + comment, entry.section(), entry.key(), value);
  }

  /** Adds an empty section unless it is there. */
  public void add(String section) {
    String name = fold(section);
    if (has(name)) {
      return;
    }
    Line header = new Line.Header("[" + quote(name) + "]", name);
    if (NAMED.matcher(name).matches()) {
      lines.add(header);
      return;
    }
    int at = lines.size();
    for (int i = 0; i < lines.size(); i++) {
      if (lines.get(i) instanceof Line.Header other && NAMED.matcher(other.section()).matches()) {
        at = i;
        break;
      }
    }
    while (at > 0 && at < lines.size() && isComment(lines.get(at - 1))) {
      at--; // comments before a section belong to it
    }
    lines.add(at, header);
  }

  private static boolean isComment(Line line) {
    return line instanceof Line.Other other && other.text().strip().startsWith("#");
  }

  /** Returns the index after the last key of a section, or after its header. */
  private int endOf(String section) {
    for (int i = lines.size() - 1; i >= 0; i--) {
      boolean in =
          switch (lines.get(i)) {
            case Line.Entry entry -> entry.section().equals(section);
            case Line.Header header -> header.section().equals(section);
            case Line.Other other -> false;
          };
      if (in) {
        return i + 1;
      }
    }
    return lines.size();
  }

  /**
   * Takes a key out; a section that is then empty goes too, unless it is one with a name of its
   * own.
   */
  public void remove(String section, String key) {
    String in = fold(section);
    lines.removeIf(
        line ->
            line instanceof Line.Entry entry
                && entry.section().equals(in)
                && entry.key().equals(fold(key)));
    boolean empty = sections().getOrDefault(in, Map.of()).isEmpty();
    if (empty && !NAMED.matcher(in).matches()) {
      lines.removeIf(line -> line instanceof Line.Header header && header.section().equals(in));
    }
  }

  /** Takes a section out, with all that stands in it. */
  public void removeSection(String section) {
    String name = fold(section);
    boolean inside = false;
    for (int i = 0; i < lines.size(); i++) {
      if (lines.get(i) instanceof Line.Header header) {
        inside = header.section().equals(name);
      }
      if (inside) {
        lines.remove(i--);
      }
    }
  }

  /** Gives a section another name and puts it last, as DVC does. */
  public void renameSection(String section, String to) {
    String from = fold(section);
    String name = fold(to);
    List<Line> moved = new ArrayList<>();
    boolean inside = false;
    for (int i = 0; i < lines.size(); i++) {
      if (lines.get(i) instanceof Line.Header header) {
        inside = header.section().equals(from);
      }
      if (inside) {
        moved.add(
            switch (lines.remove(i--)) {
              case Line.Header header -> new Line.Header("[" + quote(name) + "]", name);
              case Line.Entry entry ->
                  new Line.Entry(entry.text(), name, entry.key(), entry.value());
              case Line.Other other -> other;
            });
      }
    }
    lines.addAll(moved);
  }

  /** Returns a text with the quotes that ConfigObj gives it. */
  static String quote(String value) {
    if (value.isEmpty()) {
      return "\"\"";
    }
    String edge = " \r\n\u000b\t'\"";
    boolean plain =
        edge.indexOf(value.charAt(0)) < 0
            && edge.indexOf(value.charAt(value.length() - 1)) < 0
            && value.indexOf(',') < 0
            && value.indexOf('#') < 0;
    if (plain) {
      return value;
    }
    return value.indexOf('"') >= 0 ? "'" + value + "'" : "\"" + value + "\"";
  }

  @Override
  public String toString() {
    StringBuilder text = new StringBuilder();
    lines.forEach(line -> text.append(line.text()).append('\n'));
    return text.toString();
  }
}
