package io.revfs.metric;

import io.revfs.dvc.DvcFormatException;
import java.util.ArrayList;
import java.util.List;

/**
 * Python's logical lines: without comments, and with what brackets and backslashes hold together.
 */
final class PythonLines {
  private static final int TAB = 8;

  private final String file;
  private final String text;
  private final List<Line> lines = new ArrayList<>();
  private int at;
  private int number = 1;

  /** A statement, and how many columns it is indented. */
  record Line(int depth, String text) {}

  private PythonLines(String file, String text) {
    this.file = file;
    this.text = text.replace("\r\n", "\n");
  }

  static List<Line> of(String file, String text) throws DvcFormatException {
    PythonLines lines = new PythonLines(file, text);
    while (lines.at < lines.text.length()) {
      lines.line();
    }
    return lines.lines;
  }

  private void line() throws DvcFormatException {
    int depth = 0;
    while (at < text.length() && (text.charAt(at) == ' ' || text.charAt(at) == '\t')) {
      depth = text.charAt(at) == '\t' ? (depth / TAB + 1) * TAB : depth + 1;
      at++;
    }
    StringBuilder statement = new StringBuilder();
    int open = 0;
    while (at < text.length()) {
      char c = text.charAt(at);
      if (c == '\n') {
        at++;
        number++;
        if (open == 0) {
          break;
        }
        statement.append(' ');
      } else if (c == '#') {
        at = end(at);
      } else if (c == '\\' && at + 1 < text.length() && text.charAt(at + 1) == '\n') {
        at += 2;
        number++;
      } else if (c == '"' || c == '\'') {
        string(statement);
      } else if (c == ';' && open == 0) {
        at++;
        add(depth, statement);
        statement = new StringBuilder();
      } else {
        open += "([{".indexOf(c) >= 0 ? 1 : ")]}".indexOf(c) >= 0 ? -1 : 0;
        if (open < 0) {
          throw new DvcFormatException(file, number, "unmatched '" + c + "'");
        }
        statement.append(c);
        at++;
      }
    }
    if (open > 0) {
      throw new DvcFormatException(file, number, "a bracket is not closed");
    }
    add(depth, statement);
  }

  private void add(int depth, StringBuilder statement) {
    String stripped = statement.toString().strip();
    if (!stripped.isEmpty()) {
      lines.add(new Line(depth, stripped));
    }
  }

  private int end(int from) {
    int end = text.indexOf('\n', from);
    return end < 0 ? text.length() : end;
  }

  private void string(StringBuilder statement) throws DvcFormatException {
    char quote = text.charAt(at);
    String triple = String.valueOf(quote).repeat(3);
    boolean isLong = text.startsWith(triple, at);
    int start = at;
    at += isLong ? 3 : 1;
    while (at < text.length()) {
      char c = text.charAt(at);
      if (c == '\\') {
        at += 2;
      } else if (c == '\n' && !isLong) {
        break;
      } else if (isLong ? text.startsWith(triple, at) : c == quote) {
        at += isLong ? 3 : 1;
        statement.append(text, start, at);
        return;
      } else {
        number += c == '\n' ? 1 : 0;
        at++;
      }
    }
    throw new DvcFormatException(file, number, "a string is not closed");
  }
}
