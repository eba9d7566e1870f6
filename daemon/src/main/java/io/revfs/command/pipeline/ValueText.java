package io.revfs.command.pipeline;

import io.revfs.command.Invocation;
import io.revfs.dvc.pipeline.PythonText;
import io.revfs.metric.ValueDiff;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Values of metrics and parameters as tables show them. */
public final class ValueText {
  private static final String NOTHING = "-";
  private static final int PRECISION = 5;

  private ValueText() {}

  /** Returns how many digits after the point are asked for; 0 stands for the usual, as with DVC. */
  static int precision(Invocation call) {
    int asked = (int) call.number("precision").orElse(PRECISION);
    return asked == 0 ? PRECISION : asked;
  }

  /** Returns a value's text; floats are rounded to {@code precision} digits unless it is 0. */
  static String of(@Nullable Object value, int precision) {
    if (value == null) {
      return NOTHING;
    }
    if (value instanceof Double d && precision != 0 && Double.isFinite(d)) {
      double rounded = new BigDecimal(d).setScale(precision, RoundingMode.HALF_EVEN).doubleValue();
      return PythonText.number(rounded);
    }
    return PythonText.str(value);
  }

  /** Returns the table of a comparison; see {@link Style}. */
  public static List<String> table(Map<String, Map<String, ValueDiff.Change>> files, Style style) {
    TextTable table =
        new TextTable(style.row("Path", style.title(), style.a(), style.b(), "Change"));
    files.forEach(
        (path, changes) ->
            changes.forEach(
                (key, change) ->
                    table.add(
                        style.row(
                            path,
                            key,
                            of(change.before(), style.precision()),
                            of(change.now(), style.precision()),
                            of(change.difference().orElse(null), style.precision())))));
    return style.markdown() ? table.markdown() : files.isEmpty() ? List.of() : table.plain();
  }

  /**
   * How a comparison is shown.
   *
   * @param title what is compared
   * @param a the older revision
   * @param b the newer revision
   * @param path whether files are named
   * @param change whether differences are shown
   */
  public record Style(
      String title,
      String a,
      String b,
      boolean path,
      boolean change,
      boolean markdown,
      int precision) {
    private List<String> row(String file, String key, String before, String now, String more) {
      List<String> row = new java.util.ArrayList<>();
      if (path) {
        row.add(file);
      }
      row.addAll(List.of(key, before, now));
      if (change) {
        row.add(more);
      }
      return row;
    }
  }
}
