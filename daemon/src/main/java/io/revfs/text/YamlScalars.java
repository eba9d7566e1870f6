package io.revfs.text;

import java.util.Map;
import java.util.regex.Pattern;

/**
 * Texts as YAML scalars, in the style that DVC's files have: plain where YAML 1.2 reads it as text,
 * else in single quotes, or in double quotes with escapes where there are controls, line breaks or
 * single quotes; folded at spaces past the eightieth column.
 */
final class YamlScalars {
  static final int WIDTH = 80;

  /** 128 less the five characters of {@code !!str}, which are counted though never written. */
  private static final int LONGEST_KEY = 123;

  private static final String BREAKS = "\n\u0085\u2028\u2029";
  private static final String BLANKS = "\0 \t\r" + BREAKS;

  /** What YAML 1.2 would read as something else than text. */
  private static final Pattern NOT_TEXT =
      Pattern.compile(
          "true|True|TRUE|false|False|FALSE"
              + "|[-+]?[0-9][0-9_]*\\.[0-9_]*(?:[eE][-+]?[0-9]+)?"
              + "|[-+]?[0-9][0-9_]*[eE][-+]?[0-9]+"
              + "|[-+]?\\.[0-9_]+(?:[eE][-+][0-9]+)?"
              + "|[-+]?\\.(?:inf|Inf|INF)|\\.(?:nan|NaN|NAN)"
              + "|[-+]?0b[0-1_]+|[-+]?0o?[0-7_]+|[-+]?[0-9][0-9_]*|[-+][0-9_]+"
              + "|[-+]?0x[0-9a-fA-F_]+"
              + "|<<|~|null|Null|NULL||=|!|&|\\*"
              + "|[0-9]{4}-[0-9][0-9]-[0-9][0-9]"
              + "|[0-9]{4}-[0-9][0-9]?-[0-9][0-9]?(?:[Tt]|[ \\t]+)[0-9][0-9]?:[0-9][0-9]:[0-9][0-9]"
              + "(?:\\.[0-9]*)?(?:[ \\t]*(?:Z|[-+][0-9][0-9]?(?::[0-9][0-9])?))?");

  private static final Map<Integer, String> ESCAPES =
      Map.ofEntries(
          Map.entry(0, "0"),
          Map.entry(7, "a"),
          Map.entry(8, "b"),
          Map.entry(9, "t"),
          Map.entry(10, "n"),
          Map.entry(11, "v"),
          Map.entry(12, "f"),
          Map.entry(13, "r"),
          Map.entry(27, "e"),
          Map.entry((int) '"', "\""),
          Map.entry((int) '\\', "\\"),
          Map.entry(0x85, "N"),
          Map.entry(0xa0, "_"),
          Map.entry(0x2028, "L"),
          Map.entry(0x2029, "P"));

  private YamlScalars() {}

  /** How a text is written. */
  enum Style {
    PLAIN,
    SINGLE_QUOTED,
    DOUBLE_QUOTED
  }

  /** Returns the style of a text; {@code key} if it is a map's key on one line. */
  static Style style(String text, boolean key) {
    if (text.isEmpty()) {
      return Style.SINGLE_QUOTED;
    }
    Analysis analysis = Analysis.of(text.codePoints().toArray());
    if (analysis.plain && !NOT_TEXT.matcher(text).matches() && !(key && analysis.multiline)) {
      return Style.PLAIN;
    }
    if (text.indexOf('\'') >= 0 || text.indexOf('\n') >= 0) {
      return Style.DOUBLE_QUOTED;
    }
    return analysis.singleQuoted && !(key && analysis.multiline)
        ? Style.SINGLE_QUOTED
        : Style.DOUBLE_QUOTED;
  }

  /** Returns whether a text can be a key that stands on a line with its value. */
  static boolean isSimpleKey(String text) {
    int[] points = text.codePoints().toArray();
    return points.length < LONGEST_KEY && !Analysis.of(points).multiline;
  }

  /** What a text holds that rules out styles. */
  private static final class Analysis {
    private boolean plain = true;
    private boolean singleQuoted = true;
    private boolean multiline;

    static Analysis of(int[] text) {
      Analysis analysis = new Analysis();
      boolean previousSpace = false;
      boolean previousBreak = false;
      boolean afterBlank = true;
      analysis.plain &= !startsWith(text, "---") && !startsWith(text, "...");
      for (int i = 0; i < text.length; i++) {
        int c = text[i];
        boolean beforeBlank = i + 1 >= text.length || BLANKS.indexOf(text[i + 1]) >= 0;
        boolean isBreak = BREAKS.indexOf(c) >= 0;
        boolean edge = i == 0 || i == text.length - 1;
        analysis.plain &= !isIndicator(c, i == 0, afterBlank, beforeBlank);
        analysis.multiline |= isBreak;
        if (isSpecial(c)) {
          analysis.plain = false;
          analysis.singleQuoted = false;
        }
        if ((c == ' ' || isBreak) && edge) {
          analysis.plain = false;
        }
        if ((c == ' ' && previousBreak) || (isBreak && previousSpace)) {
          analysis.plain = false;
          analysis.singleQuoted = false;
        }
        previousSpace = c == ' ';
        previousBreak = isBreak;
        afterBlank = BLANKS.indexOf(c) >= 0;
      }
      analysis.plain &= !analysis.multiline;
      return analysis;
    }

    private static boolean isIndicator(
        int c, boolean first, boolean afterBlank, boolean beforeBlank) {
      if (first) {
        return "#,[]{}&*!|>'\"%@`".indexOf(c) >= 0 || ("?:-".indexOf(c) >= 0 && beforeBlank);
      }
      return (c == ':' && beforeBlank) || (c == '#' && afterBlank);
    }

    private static boolean startsWith(int[] text, String start) {
      return text.length >= 3 && new String(text, 0, 3).equals(start);
    }
  }

  private static boolean isSpecial(int c) {
    return !(c == '\n' || isPrintable(c) || c == 0x85);
  }

  private static boolean isPrintable(int c) {
    return (c >= 0x20 && c <= 0x7e)
        || (((c >= 0xa0 && c <= 0xd7ff) || (c >= 0xe000 && c <= 0xfffd) || c >= 0x10000)
            && c != 0xfeff);
  }

  /**
   * Returns a text as it is written.
   *
   * @param column where it begins, from 0
   * @param indent of the lines that follow if it is folded
   * @param key whether it is a key, which is never folded
   */
  static String write(String text, int column, int indent, boolean key) {
    Writer writer = new Writer(text, column, indent, !key);
    switch (style(text, key)) {
      case PLAIN -> writer.plain();
      case SINGLE_QUOTED -> writer.singleQuoted();
      case DOUBLE_QUOTED -> writer.doubleQuoted();
    }
    return writer.out.toString();
  }

  /** Writes one text; columns are counted in code points. */
  private static final class Writer {
    private final StringBuilder out = new StringBuilder();
    private final int[] text;
    private final int indent;
    private final boolean split;
    private int column;

    Writer(String text, int column, int indent, boolean split) {
      this.text = text.codePoints().toArray();
      this.column = column;
      this.indent = indent;
      this.split = split;
    }

    private void add(String part) {
      out.append(part);
      column += part.codePointCount(0, part.length());
    }

    private String part(int start, int end) {
      return new String(text, start, end - start);
    }

    private void newLine() {
      out.append('\n').append(" ".repeat(indent));
      column = indent;
    }

    private int skip(int from, boolean spaces) {
      int at = from;
      while (at < text.length && (text[at] == ' ') == spaces) {
        at++;
      }
      return at;
    }

    void plain() {
      for (int at = 0; at < text.length; ) {
        int end = skip(at, text[at] == ' ');
        boolean single = text[at] == ' ' && end == at + 1;
        if (single && column > WIDTH && split) {
          newLine();
        } else {
          add(part(at, end));
        }
        at = end;
      }
    }

    void singleQuoted() {
      add("'");
      for (int at = 0; at < text.length; ) {
        if (BREAKS.indexOf(text[at]) >= 0) {
          at = breaks(at);
          continue;
        }
        boolean spaces = text[at] == ' ';
        int end = at;
        while (end < text.length && (text[end] == ' ') == spaces && BREAKS.indexOf(text[end]) < 0) {
          end++;
        }
        boolean inside = at != 0 && end != text.length;
        if (spaces && end == at + 1 && column > WIDTH && split && inside) {
          newLine();
        } else {
          add(part(at, end).replace("'", "''"));
        }
        at = end;
      }
      add("'");
    }

    /** Line breaks other than {@code \n}, which no file of DVC's has; they double the first one. */
    private int breaks(int from) {
      int end = from;
      while (end < text.length && BREAKS.indexOf(text[end]) >= 0) {
        out.appendCodePoint(text[end]);
        end++;
      }
      out.append(" ".repeat(indent));
      column = indent;
      return end;
    }

    void doubleQuoted() {
      add("\"");
      int start = 0;
      for (int end = 0; end <= text.length; end++) {
        int c = end < text.length ? text[end] : -1;
        if (c < 0 || c == '"' || c == '\\' || !isPrintable(c) || c == 0x2028 || c == 0x2029) {
          if (start < end) {
            add(part(start, end));
            start = end;
          }
          if (c >= 0) {
            add(escape(c));
            start = end + 1;
          }
        }
        boolean mayFold = 0 < end && end < text.length - 1 && (c == ' ' || start >= end);
        if (mayFold && column + (end - start) > WIDTH && split) {
          start = fold(start, end);
        }
      }
      add("\"");
    }

    private int fold(int from, int end) {
      int start = from;
      boolean backslash = needsBackslash(start, end);
      if (start < end) {
        add(part(start, end));
        start = end;
      }
      if (backslash) {
        add("\\");
      }
      newLine();
      if (text[start] == ' ') {
        if (backslash) {
          add("\\");
        } else {
          start++;
        }
      }
      return start;
    }

    /** Whether a line break between quotes must be told not to become a space. */
    private boolean needsBackslash(int start, int end) {
      int space = -1;
      for (int i = end; i < text.length && space < 0; i++) {
        space = text[i] == ' ' ? i : -1;
      }
      if (space < 0) {
        return true;
      }
      for (int i = end; i < space; i++) {
        if (text[i] == '\n') {
          space = i;
          break;
        }
      }
      if (space + 1 >= text.length) {
        return true;
      }
      int next = text[space + 1];
      if (text[space] == '\n' && next != ' ') {
        return true;
      }
      boolean quotes = false;
      for (int i = end; i < space; i++) {
        quotes |= text[i] == '"' || text[i] == '\'';
      }
      boolean twoSpaces = text[end - 1] == ' ' && text[end] == ' ';
      return quotes || next == ' ' || next == '\n' || twoSpaces || start == end;
    }

    private static String escape(int c) {
      String known = ESCAPES.get(c);
      if (known != null) {
        return "\\" + known;
      }
      if (c <= 0xff) {
        return "\\x%02X".formatted(c);
      }
      return c <= 0xffff ? "\\u%04X".formatted(c) : "\\U%08X".formatted(c);
    }
  }
}
