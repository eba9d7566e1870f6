package io.revfs.plot;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Tables of text, read as Python's {@code csv} reads them: fields in {@code "} may hold separators
 * and line breaks, {@code ""} in them is one quote. All values are texts.
 */
final class CsvTable {
  private final String text;
  private final char separator;
  private int at;

  private CsvTable(String text, char separator) {
    this.text = text;
    this.separator = separator;
  }

  /**
   * Returns the rows by column. A cell that lacks is null; cells without a column are dropped.
   *
   * @param header whether the first row names the columns; otherwise they are numbered from 0
   */
  static List<Map<String, @Nullable Object>> parse(String text, char separator, boolean header) {
    CsvTable table = new CsvTable(text, separator);
    List<Map<String, @Nullable Object>> rows = new ArrayList<>();
    Row.Columns columns = new Row.Columns();
    List<String> names = new ArrayList<>();
    while (table.at < text.length()) {
      List<String> cells = table.row();
      if (cells.isEmpty()) {
        continue;
      }
      if (names.isEmpty()) {
        for (int i = 0; i < cells.size(); i++) {
          names.add(header ? cells.get(i) : Integer.toString(i));
        }
        if (header) {
          continue;
        }
      }
      Row row = new Row(columns);
      for (int i = 0; i < names.size(); i++) {
        row.put(names.get(i), i < cells.size() ? cells.get(i) : null);
      }
      rows.add(row);
    }
    return rows;
  }

  /** Reads one row; none of its cells if the line is empty. */
  private List<String> row() {
    List<String> cells = new ArrayList<>();
    while (true) {
      boolean first = cells.isEmpty();
      int start = at;
      String cell = cell();
      boolean ended = at >= text.length() || text.charAt(at) != separator;
      if (!(first && ended && at == start)) {
        cells.add(cell);
      }
      if (ended) {
        lineEnd();
        return cells;
      }
      at++;
    }
  }

  private void lineEnd() {
    if (at < text.length() && text.charAt(at) == '\r') {
      at++;
    }
    if (at < text.length() && text.charAt(at) == '\n') {
      at++;
    }
  }

  /** Reads up to a separator or the line's end. */
  private String cell() {
    StringBuilder cell = new StringBuilder();
    boolean quoted = at < text.length() && text.charAt(at) == '"';
    if (quoted) {
      at++;
    }
    while (at < text.length()) {
      char c = text.charAt(at);
      if (quoted && c == '"') {
        boolean twice = at + 1 < text.length() && text.charAt(at + 1) == '"';
        if (twice) {
          cell.append(c);
        }
        quoted = twice;
        at += twice ? 2 : 1;
        continue;
      }
      if (!quoted && (c == separator || c == '\n' || c == '\r')) {
        break;
      }
      cell.append(c);
      at++;
    }
    return cell.toString();
  }
}
