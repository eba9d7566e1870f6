package io.revfs.plot.vega;

import io.revfs.plot.ChartSettings;
import io.revfs.plot.ChartSettings.Series;
import io.revfs.plot.Plot;
import io.revfs.plot.PlotException;
import java.util.AbstractList;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * A template filled with a chart.
 *
 * @param content what Vega-Lite draws
 * @param left values of anchors that were left open, by their text; empty unless that was asked for
 */
public record ChartSpec(Map<String, @Nullable Object> content, Map<String, @Nullable Object> left) {
  private static final String REVISION = "rev";
  private static final String FILE = "filename";
  private static final String FIELD = "field";
  private static final String BETWEEN = "::";
  private static final int SIZE = 300;

  private static final List<String> COLORS =
      List.of("#945dd6", "#13adc7", "#f46837", "#48bb78", "#4299e1", "#ed8936", "#f56565");
  private static final List<List<Integer>> DASHES =
      List.of(
          List.of(1, 0),
          List.of(8, 8),
          List.of(8, 4),
          List.of(4, 4),
          List.of(4, 2),
          List.of(2, 1),
          List.of(1, 1));
  private static final List<String> SHAPES = List.of("circle", "square", "triangle", "diamond");

  /**
   * Fills a template.
   *
   * @param split whether some anchors are left open
   * @throws PlotException if the template has no place for the points, or no point has a field
   */
  public static ChartSpec of(Plot.Chart chart, Template template, boolean split)
      throws PlotException {
    if (!template.has(Anchor.DATA)) {
      throw new PlotException(
          "BadTemplateError",
          "Template '%s' is not using '%s' anchor: put it where the points go, as in"
                  .formatted(template.name(), Anchor.DATA.text())
              + " \"data\": {\"values\": \""
              + Anchor.DATA.text()
              + "\"}");
    }
    for (String field : List.of(chart.settings().x(), chart.settings().y())) {
      if (chart.points().stream().noneMatch(point -> point.containsKey(field))) {
        throw new PlotException(
            "NoFieldInDataError", "Field '" + field + "' does not exist in provided data.");
      }
    }
    return new Filling(chart, template, split).run();
  }

  /** Returns the color of a revision, by its place among all of them. */
  public static String color(int revision) {
    return COLORS.get(revision % COLORS.size());
  }

  /** One template being filled. */
  private static final class Filling {
    private final Plot.Chart chart;
    private final ChartSettings settings;
    private final boolean split;
    private final Map<Anchor, Object> values = new EnumMap<>(Anchor.class);
    private final Map<String, @Nullable Object> left = new LinkedHashMap<>();
    private Template template;

    Filling(Plot.Chart chart, Template template, boolean split) {
      this.chart = chart;
      this.settings = chart.settings();
      this.template = template;
      this.split = split;
    }

    ChartSpec run() {
      List<String> varied = varied(settings.series());
      optional(varied);
      boolean anyOptional = false;
      for (Anchor anchor : Anchor.values()) {
        if (anchor.isOptional() && template.has(anchor)) {
          anyOptional = true;
          put(anchor, values.getOrDefault(anchor, Map.of()));
        }
      }
      put(Anchor.TITLE, settings.title());
      put(Anchor.X, escaped(settings.x()));
      put(Anchor.Y, escaped(settings.y()));
      put(Anchor.X_LABEL, settings.xLabel());
      put(Anchor.Y_LABEL, settings.yLabel());
      put(Anchor.DATA, anyOptional ? points(varied) : chart.points());
      return new ChartSpec(template.content(), left);
    }

    /** What a template does without if it has no place for it is not left open either. */
    private void put(Anchor anchor, Object value) {
      boolean isLeft = split && anchor.isSplit();
      if (isLeft && (!anchor.isOptional() || values.containsKey(anchor))) {
        left.put(anchor.text(), value);
      } else {
        template = template.fill(anchor, value);
      }
    }

    private void optional(List<String> varied) {
      values.put(Anchor.COLOR, scale(REVISION, chart.revisions(), COLORS, false));
      values.put(
          Anchor.ZOOM_AND_PAN, Map.of("name", "grid", "select", "interval", "bind", "scales"));
      values.put(Anchor.PLOT_HEIGHT, SIZE);
      values.put(Anchor.PLOT_WIDTH, SIZE);
      List<String> group = new ArrayList<>(List.of(REVISION));
      List<String> pivot = new ArrayList<>(List.of("datum." + REVISION));
      List<Map<String, String>> tooltip = new ArrayList<>();
      for (String field : List.of(REVISION, settings.x(), settings.y())) {
        tooltip.add(Map.of(FIELD, field));
      }
      if (!varied.isEmpty()) {
        String line = String.join(BETWEEN, varied);
        group.add(line);
        varied.forEach(key -> pivot.add("datum." + key));
        tooltip.add(Map.of(FIELD, line));
        List<String> lines = lines(varied);
        values.put(Anchor.ROW, Map.of(FIELD, line, "sort", List.of()));
        values.put(Anchor.COLUMN, Map.of(FIELD, line, "sort", List.of()));
        values.put(Anchor.STROKE_DASH, scale(line, lines, DASHES, true));
        values.put(Anchor.SHAPE, scale(line, lines, SHAPES, true));
      }
      values.put(Anchor.GROUP_BY, group);
      values.put(Anchor.GROUP_BY_X, with(group, settings.x()));
      values.put(Anchor.GROUP_BY_Y, with(group, settings.y()));
      values.put(Anchor.PIVOT_FIELD, String.join(" + '" + BETWEEN + "' + ", pivot));
      values.put(Anchor.TOOLTIP, tooltip);
    }

    /** Returns what tells the lines of a revision apart, as a point names it. */
    private List<String> lines(List<String> varied) {
      Set<String> lines = new TreeSet<>();
      for (Series series : settings.series()) {
        lines.add(
            varied.size() == 2
                ? series.file() + BETWEEN + series.field()
                : varied.getFirst().equals(FILE) ? series.file() : series.field());
      }
      return List.copyOf(lines);
    }

    /** Points lose what is the same in all of them, and both names become one. */
    private List<Map<String, @Nullable Object>> points(List<String> varied) {
      List<Map<String, @Nullable Object>> points = chart.points();
      return new AbstractList<>() { // there may be many, so they are made when they are written
        @Override
        public Map<String, @Nullable Object> get(int index) {
          return shown(points.get(index), varied);
        }

        @Override
        public int size() {
          return points.size();
        }
      };
    }

    private static Map<String, @Nullable Object> shown(
        Map<String, @Nullable Object> point, List<String> varied) {
      Map<String, @Nullable Object> shown = new LinkedHashMap<>(point);
      if (varied.size() == 2) {
        shown.put(FILE + BETWEEN + FIELD, point.get(FILE) + BETWEEN + point.get(FIELD));
      }
      for (String key : List.of(FILE, FIELD)) {
        if (varied.size() == 2 || !varied.contains(key)) {
          shown.remove(key);
        }
      }
      return shown;
    }
  }

  private static List<String> with(List<String> list, String more) {
    List<String> all = new ArrayList<>(list);
    all.add(more);
    return all;
  }

  /** Returns by what lines of a chart differ: files, fields, both or nothing. */
  private static List<String> varied(List<Series> series) {
    List<String> varied = new ArrayList<>();
    if (series.stream().map(Series::file).distinct().count() > 1) {
      varied.add(FILE);
    }
    if (series.stream().map(Series::field).distinct().count() > 1) {
      varied.add(FIELD);
    }
    return varied;
  }

  private static Map<String, Object> scale(
      String field, List<String> domain, List<?> all, boolean hollow) {
    List<Object> range = new ArrayList<>();
    for (int i = 0; i < domain.size(); i++) {
      range.add(all.get(i % all.size()));
    }
    Map<String, Object> scale = new LinkedHashMap<>();
    scale.put(FIELD, field);
    scale.put("scale", Map.of("domain", domain, "range", range));
    if (hollow) { // else the legend looks like colors of revisions
      scale.put("legend", Map.of("symbolFillColor", "transparent", "symbolStrokeColor", "grey"));
    }
    return scale;
  }

  /** Vega takes dots and brackets in names of fields for ways into objects. */
  private static String escaped(String field) {
    return field.replace(".", "\\.").replace("[", "\\[").replace("]", "\\]");
  }
}
