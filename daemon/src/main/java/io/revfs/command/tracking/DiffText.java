package io.revfs.command.tracking;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A {@code diff} for people: as DVC prints it, plain or as a table of Markdown. */
final class DiffText {
  private static final List<String> STATES =
      List.of("added", "deleted", "renamed", "modified", "not in cache");
  private static final int DIGITS = 8;

  private DiffText() {}

  /** A path, or a map of the old and the new one, and its hash in the same form. */
  record Line(Object path, @Nullable Object hash) {
    String shownPath() {
      return path instanceof Map<?, ?> both
          ? both.get("old") + " -> " + both.get("new")
          : path.toString();
    }

    String shownHash() {
      return hash instanceof Map<?, ?> both
          ? digits(both.get("old")) + ".." + digits(both.get("new"))
          : digits(hash);
    }

    private static String digits(@Nullable Object hash) {
      String text = hash == null ? "" : hash.toString();
      return text.substring(0, Math.min(DIGITS, text.length()));
    }
  }

  static String plain(Map<String, List<Line>> rows, boolean hashes) {
    StringBuilder text = new StringBuilder();
    List<String> sums = new ArrayList<>();
    for (String state : STATES) {
      List<Line> lines = rows.getOrDefault(state, List.of());
      if (lines.isEmpty()) {
        continue;
      }
      text.append(Character.toUpperCase(state.charAt(0))).append(state.substring(1)).append(":\n");
      for (Line line : lines) {
        String hash = hashes ? line.shownHash() + "  " : "";
        text.append("    ").append(hash).append(line.shownPath()).append('\n');
      }
      text.append('\n');
      long files = lines.stream().filter(line -> !line.shownPath().endsWith("/")).count();
      if (files > 0) {
        sums.add(files + " " + state);
      }
    }
    if (!sums.isEmpty()) {
      text.append("files summary: ").append(String.join(", ", sums));
    }
    return text.toString().stripTrailing();
  }

  static String markdown(Map<String, List<Line>> rows, boolean hashes) {
    List<List<String>> table = new ArrayList<>();
    table.add(hashes ? List.of("Status", "Hash", "Path") : List.of("Status", "Path"));
    for (String state : STATES) {
      for (Line line : rows.getOrDefault(state, List.of())) {
        table.add(
            hashes
                ? List.of(state, line.shownHash(), line.shownPath())
                : List.of(state, line.shownPath()));
      }
    }
    int[] widths = table.getFirst().stream().mapToInt(name -> name.length() + 2).toArray();
    for (List<String> row : table) {
      for (int i = 0; i < widths.length; i++) {
        widths[i] = Math.max(widths[i], row.get(i).length());
      }
    }
    StringBuilder text = new StringBuilder();
    for (int r = 0; r < table.size(); r++) {
      row(text, table.get(r), widths);
      if (r == 0) {
        for (int width : widths) {
          text.append('|').append("-".repeat(width + 2));
        }
        text.append("|\n");
      }
    }
    return text.toString();
  }

  private static void row(StringBuilder text, List<String> cells, int[] widths) {
    for (int i = 0; i < widths.length; i++) {
      text.append("| ").append(("%-" + widths[i] + "s").formatted(cells.get(i))).append(' ');
    }
    text.append("|\n");
  }
}
