package io.revfs.plot.report;

import io.revfs.plot.Plot;
import io.revfs.plot.PlotException;
import io.revfs.plot.PlotProblem;
import io.revfs.plot.PlotSet;
import io.revfs.plot.vega.ChartSpec;
import io.revfs.plot.vega.Templates;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What there is to look at: charts with their templates filled, pictures, and what lacks.
 *
 * @param charts in the order of their definitions
 * @param pictures by directory and number, so that steps follow each other
 * @param revisions all that anything is shown of, in the order in which they were asked for
 * @param problems of plots, by their names; of revisions as a whole under the empty name
 * @param unfilled how many charts have points and a template that cannot be filled with them
 */
public record Report(
    List<Drawn> charts,
    List<Plot.Pictures> pictures,
    List<String> revisions,
    Map<String, List<PlotProblem>> problems,
    int unfilled) {

  /** A chart and what Vega draws. */
  public record Drawn(Plot.Chart chart, ChartSpec spec) {}

  /**
   * Fills the templates of all charts. A chart whose template cannot be filled is a problem only.
   */
  public static Report of(PlotSet set, Templates templates, boolean split) throws IOException {
    List<Drawn> charts = new ArrayList<>();
    List<Plot.Pictures> pictures = new ArrayList<>();
    Set<String> revisions = new LinkedHashSet<>();
    Map<String, List<PlotProblem>> problems = new LinkedHashMap<>();
    if (!set.problems().isEmpty()) {
      problems.put("", set.problems());
    }
    int unfilled = 0;
    for (Plot plot : set.plots()) {
      List<PlotProblem> own = new ArrayList<>(plot.problems());
      switch (plot) {
        case Plot.Chart chart -> {
          Optional<Drawn> drawn = drawn(chart, templates, split, own);
          drawn.ifPresent(charts::add);
          unfilled += drawn.isEmpty() && !chart.points().isEmpty() ? 1 : 0;
          revisions.addAll(chart.revisions());
        }
        case Plot.Pictures some -> {
          pictures.add(some);
          some.pictures().forEach(picture -> revisions.add(picture.revision()));
        }
      }
      if (!own.isEmpty()) {
        problems.put(plot.name(), own);
      }
    }
    pictures.sort(Comparator.comparing(some -> PictureOrder.of(some.name())));
    return new Report(charts, pictures, List.copyOf(revisions), problems, unfilled);
  }

  private static Optional<Drawn> drawn(
      Plot.Chart chart, Templates templates, boolean split, List<PlotProblem> problems)
      throws IOException {
    if (chart.points().isEmpty()) {
      return Optional.empty();
    }
    try {
      var template = templates.named(chart.settings().template());
      return Optional.of(new Drawn(chart, ChartSpec.of(chart, template, split)));
    } catch (PlotException e) {
      for (String revision : chart.revisions()) {
        problems.add(new PlotProblem(revision, "", e.type(), String.valueOf(e.getMessage())));
      }
      return Optional.empty();
    }
  }

  /** Returns whether there is nothing to look at. */
  public boolean isEmpty() {
    return charts.isEmpty() && pictures.stream().allMatch(some -> some.pictures().isEmpty());
  }

  /** Pictures of a directory in the order of their numbers, {@code 2.png} before {@code 10.png}. */
  private record PictureOrder(String directory, long number, String name)
      implements Comparable<PictureOrder> {
    private static final Comparator<PictureOrder> ORDER =
        Comparator.comparing(PictureOrder::directory)
            .thenComparing(PictureOrder::number)
            .thenComparing(PictureOrder::name);

    static PictureOrder of(String path) {
      int slash = path.lastIndexOf('/');
      String name = path.substring(slash + 1);
      String stem = name.replaceFirst("\\.[^.]*$", "");
      long number = stem.matches("\\d{1,18}") ? Long.parseLong(stem) : -1;
      return new PictureOrder(slash < 0 ? "" : path.substring(0, slash), number, name);
    }

    @Override
    public int compareTo(PictureOrder other) {
      return ORDER.compare(this, other);
    }
  }
}
