package io.revfs.plot;

import io.revfs.plot.ChartSettings.Series;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Makes the points of a chart at one revision of what its files say: {@code x} may come from
 * another file than {@code y}, and several fields are laid upon each other as one.
 */
final class ChartPoints {
  private static final String INDEX = "step";
  private static final String ANY_X = "dvc_inferred_x_value";
  private static final String ANY_Y = "dvc_inferred_y_value";

  private final String name;
  private final Map<String, @Nullable Object> properties;
  private final Map<String, Object> contents;
  private final Map<String, List<Row>> points = new LinkedHashMap<>();

  private ChartPoints(
      String name, Map<String, @Nullable Object> properties, Map<String, Object> contents) {
    this.name = name;
    this.properties = properties;
    this.contents = contents;
    contents.forEach((file, content) -> points.put(file, Datapoints.of(content)));
  }

  /** A field of a file. */
  private record Source(String file, String field) {}

  /** Points and how they are drawn; no settings if there are no points. */
  record Result(List<Map<String, @Nullable Object>> points, Optional<ChartSettings> settings) {}

  /**
   * Returns the points.
   *
   * @param name of the plot; the file too unless {@code y} names files
   * @param properties of the plot
   * @param contents what its files hold, by name; those that hold nothing are absent
   * @param title if the properties have none
   */
  static Result of(
      String name,
      Map<String, @Nullable Object> properties,
      Map<String, Object> contents,
      String revision,
      String title)
      throws PlotException {
    return new ChartPoints(name, properties, contents).result(revision, title);
  }

  private Result result(String revision, String title) throws PlotException {
    Optional<Map<String, Object>> yFiles = y();
    Optional<Map<String, Object>> xFiles = x(yFiles.isPresent() ? yFiles.get() : Map.of());
    List<Source> xs = sources(xFiles);
    List<Source> ys = sources(yFiles);
    if (xs.size() > 1 && xs.size() != ys.size()) {
      throw new PlotException(
          "DvcException",
          "x has %d fields and y has %d: give x one field, or as many as y"
              .formatted(xs.size(), ys.size()));
    }
    if (ys.isEmpty()) {
      return new Result(List.of(), Optional.empty());
    }
    String xField = oneOr(ANY_X, xs, INDEX);
    String yField = oneOr(ANY_Y, ys, INDEX);
    int common = commonLength(ys);
    List<Series> series = new ArrayList<>();
    List<Map<String, @Nullable Object>> all = new ArrayList<>();
    for (int i = 0; i < ys.size(); i++) {
      Source y = ys.get(i);
      Series one = new Series(shortName(y.file(), common), y.field());
      series.add(one);
      List<Row> own = copy(points.getOrDefault(y.file(), List.of()));
      if (yField.equals(ANY_Y)) {
        own.forEach(point -> take(point, y.field(), point, ANY_Y));
      }
      if (xs.isEmpty()) {
        number(own);
      } else {
        join(own, xs.size() > 1 ? xs.get(i) : xs.getFirst(), xField, y);
      }
      for (Row point : own) {
        point.put("rev", revision);
        point.put("filename", one.file());
        point.put("field", one.field());
      }
      all.addAll(own);
    }
    if (all.isEmpty()) {
      return new Result(List.of(), Optional.empty());
    }
    ChartSettings settings =
        new ChartSettings(
            text("template"),
            text("title").orElse(title),
            xField,
            yField,
            text("x_label").orElse(xFiles.isEmpty() ? INDEX : oneOr("x", fields(xFiles), "x")),
            text("y_label").orElseGet(() -> yLabel(yFiles)),
            series);
    return new Result(all, Optional.of(settings));
  }

  private Optional<String> text(String property) {
    return Optional.ofNullable(properties.get(property)).map(String::valueOf);
  }

  private static String yLabel(Optional<Map<String, Object>> files) {
    return oneOr("y", fields(files), "y");
  }

  /** Returns the fields of {@code y} by file. */
  private Optional<Map<String, Object>> y() {
    Object y = properties.get("y");
    if (y instanceof Map<?, ?> files) {
      return Optional.of(texts(files));
    }
    if (y != null) {
      return Optional.of(Map.of(name, y));
    }
    return Optional.ofNullable(contents.get(name))
        .flatMap(Datapoints::lastField)
        .map(field -> Map.of(name, field));
  }

  /** Returns the fields of {@code x} by file: one field counts for each file of {@code y}. */
  private Optional<Map<String, Object>> x(Map<String, Object> yFiles) {
    Object x = properties.get("x");
    if (x instanceof Map<?, ?> files) {
      return Optional.of(texts(files));
    }
    if (x == null) {
      return Optional.empty();
    }
    if (!(properties.get("y") instanceof Map<?, ?>)) {
      return Optional.of(Map.of(name, x));
    }
    Map<String, Object> files = new LinkedHashMap<>();
    yFiles.forEach(
        (file, fields) ->
            files.put(
                file,
                fields instanceof List<?> list
                    ? java.util.Collections.nCopies(list.size(), x)
                    : x));
    return Optional.of(files);
  }

  private static Map<String, Object> texts(Map<?, ?> map) {
    Map<String, Object> result = new LinkedHashMap<>();
    map.forEach((key, value) -> result.put(String.valueOf(key), value == null ? "" : value));
    return result;
  }

  /** Returns the fields of an axis, each of which is there. */
  private List<Source> sources(Optional<Map<String, Object>> axis) throws PlotException {
    List<Source> sources = fields(axis);
    for (Source source : sources) {
      List<Row> rows = points.get(source.file());
      if (rows == null) {
        continue; // the file is absent, which is said elsewhere
      }
      if (rows.isEmpty()) {
        throw new PlotException(
            "DvcException",
            "'" + source.file() + "' has no data points: a list of maps with the same keys");
      }
      if (!rows.getFirst().containsKey(source.field())) {
        throw new PlotException(
            "FieldNotFoundError",
            "Could not find provided field ('%s') in data fields ('%s')."
                .formatted(source.field(), String.join(", ", rows.getFirst().keySet())));
      }
    }
    return sources;
  }

  private static List<Source> fields(Optional<Map<String, Object>> axis) {
    List<Source> sources = new ArrayList<>();
    if (axis.isPresent()) {
      axis.get()
          .forEach(
              (file, fields) -> {
                for (Object field : fields instanceof List<?> list ? list : List.of(fields)) {
                  sources.add(new Source(file, String.valueOf(field)));
                }
              });
    }
    return sources;
  }

  /** Returns the field if all have the same. */
  private static String oneOr(String several, List<Source> sources, String none) {
    Set<String> fields = new LinkedHashSet<>();
    sources.forEach(source -> fields.add(source.field()));
    return fields.isEmpty() ? none : fields.size() == 1 ? sources.getFirst().field() : several;
  }

  /** Returns how many characters of directories all files begin with. */
  private static int commonLength(List<Source> sources) {
    Set<String> files = new LinkedHashSet<>();
    sources.forEach(source -> files.add(source.file()));
    if (files.size() < 2) {
      return 0;
    }
    String common = files.iterator().next();
    for (String file : files) {
      while (!file.equals(common) && !file.startsWith(common + "/") && !common.isEmpty()) {
        common = common.substring(0, Math.max(0, common.lastIndexOf('/')));
      }
    }
    return common.length();
  }

  private static String shortName(String file, int common) {
    return file.substring(common).replaceAll("^/+|/+$", "");
  }

  private static List<Row> copy(List<Row> points) {
    List<Row> copy = new ArrayList<>(points.size());
    points.forEach(point -> copy.add(point.copy()));
    return copy;
  }

  private static void number(List<Row> points) {
    for (int i = 0; i < points.size(); i++) {
      points.get(i).put(INDEX, (long) i);
    }
  }

  private static void take(Row from, String field, Row to, String as) {
    if (from.containsKey(field)) {
      to.put(as, from.get(field));
    }
  }

  private void join(List<Row> own, Source x, String as, Source y) throws PlotException {
    List<Row> others = points.getOrDefault(x.file(), List.of());
    if (others.size() != own.size()) {
      throw new PlotException(
          "DvcException",
          ("Cannot join '%s' from '%s' and '%s' from '%s'. They have to have same length: %d and %d"
                  + " points.")
              .formatted(x.field(), x.file(), y.field(), y.file(), others.size(), own.size()));
    }
    for (int i = 0; i < own.size(); i++) {
      take(others.get(i), x.field(), own.get(i), as);
    }
  }
}
