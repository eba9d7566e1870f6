package io.revfs.command.pipeline;

import java.util.ArrayList;
import java.util.List;

/** A table as text for people. */
public final class TextTable {
  private static final String GAP = "  ";

  private final List<String> headers;
  private final List<List<String>> rows = new ArrayList<>();

  /** {@code headers} may be empty: a table without. */
  public TextTable(List<String> headers) {
    this.headers = List.copyOf(headers);
  }

  /** Adds a row, a text for each header. */
  public void add(List<String> row) {
    rows.add(List.copyOf(row));
  }

  /** Returns whether it has no rows. */
  boolean isEmpty() {
    return rows.isEmpty();
  }

  private List<Integer> widths() {
    List<Integer> widths = new ArrayList<>();
    int columns = headers.isEmpty() && !rows.isEmpty() ? rows.getFirst().size() : headers.size();
    for (int i = 0; i < columns; i++) {
      int width = headers.isEmpty() ? 0 : width(headers.get(i)) + GAP.length();
      for (List<String> row : rows) {
        width = Math.max(width, width(row.get(i)));
      }
      widths.add(width);
    }
    return widths;
  }

  private static int width(String text) {
    return text.codePointCount(0, text.length());
  }

  private static String padded(String text, int width) {
    return text + " ".repeat(Math.max(0, width - width(text)));
  }

  /** Returns columns with room between them. */
  public List<String> plain() {
    List<Integer> widths = widths();
    List<String> lines = new ArrayList<>();
    if (!headers.isEmpty()) {
      lines.add(plain(headers, widths));
    }
    rows.forEach(row -> lines.add(plain(row, widths)));
    return lines;
  }

  private static String plain(List<String> row, List<Integer> widths) {
    StringBuilder line = new StringBuilder();
    for (int i = 0; i < row.size(); i++) {
      line.append(i == 0 ? "" : GAP).append(padded(row.get(i), widths.get(i)));
    }
    return line.toString().stripTrailing();
  }

  /** Returns a table of GitHub's Markdown; an empty line ends it. */
  public List<String> markdown() {
    List<Integer> widths = widths();
    List<String> lines = new ArrayList<>();
    lines.add(markdown(headers, widths));
    StringBuilder rule = new StringBuilder("|");
    widths.forEach(width -> rule.append("-".repeat(width + 2)).append('|'));
    lines.add(rule.toString());
    rows.forEach(row -> lines.add(markdown(row, widths)));
    lines.add("");
    return lines;
  }

  private static String markdown(List<String> row, List<Integer> widths) {
    StringBuilder line = new StringBuilder("|");
    for (int i = 0; i < row.size(); i++) {
      line.append(' ').append(padded(row.get(i), widths.get(i))).append(" |");
    }
    return line.toString();
  }
}
