package io.revfs.plot;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Something to look at, of one or more revisions. */
public sealed interface Plot {
  /** Returns its name: a path, a text, or {@code file::name} where several have that name. */
  String name();

  /** Returns what it lacks and why. */
  List<PlotProblem> problems();

  /**
   * Data points that a template draws.
   *
   * @param settings of the first revision that has points
   * @param points of all revisions, one after the other; each has {@code rev}, {@code filename} and
   *     {@code field}
   * @param revisions those with points
   */
  record Chart(
      String name,
      ChartSettings settings,
      List<Map<String, @Nullable Object>> points,
      List<String> revisions,
      List<PlotProblem> problems)
      implements Plot {}

  /** One picture at several revisions, side by side. */
  record Pictures(String name, List<Picture> pictures, List<PlotProblem> problems)
      implements Plot {}

  /**
   * A picture at one revision.
   *
   * @param file its path from the caller's directory
   */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  record Picture(String revision, String file, byte[] bytes) {}
}
