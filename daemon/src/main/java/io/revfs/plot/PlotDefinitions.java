package io.revfs.plot;

import io.revfs.metric.DataFiles;
import io.revfs.metric.Revision;
import io.revfs.stage.Out;
import io.revfs.stage.StageFile;
import io.revfs.stage.view.FileView;
import io.revfs.text.RelativePaths;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The plots that one revision defines: at the top of {@code dvc.yaml} files, as outputs of stages,
 * and by targets. Paths are from the caller's directory.
 */
final class PlotDefinitions {
  private static final String X = "x";
  private static final String Y = "y";

  private final Revision revision;
  private final PlotQuery query;
  private final Map<String, Map<String, Map<String, @Nullable Object>>> byFile =
      new LinkedHashMap<>();

  private PlotDefinitions(Revision revision, PlotQuery query) {
    this.revision = revision;
    this.query = query;
  }

  /**
   * A plot of one revision.
   *
   * @param name as it is where it is defined: a path or any text
   * @param properties how it is drawn; {@code x} and {@code y} may be maps of a file to fields
   */
  record Definition(String name, Map<String, @Nullable Object> properties) {
    /** Returns the files that it needs. */
    List<String> sources() {
      List<String> sources = new ArrayList<>();
      if (properties.get(Y) instanceof Map<?, ?> files) {
        files.keySet().forEach(file -> sources.add(String.valueOf(file)));
      } else {
        sources.add(name);
      }
      if (properties.get(X) instanceof Map<?, ?> files && !files.isEmpty()) {
        String first = String.valueOf(files.keySet().iterator().next());
        if (!sources.contains(first)) {
          sources.add(first);
        }
      }
      return sources;
    }
  }

  /** Returns definitions by the id that tells them from all others of the revision. */
  static Map<String, Definition> read(Revision revision, PlotQuery query) throws IOException {
    PlotDefinitions definitions = new PlotDefinitions(revision, query);
    for (StageFile file : revision.stages().files().values()) {
      definitions.topLevel(file);
    }
    for (Out out : revision.stages().outs()) {
      definitions.output(out);
    }
    for (String target : query.targets()) {
      definitions.target(target);
    }
    return definitions.byId();
  }

  private Map<String, Definition> byId() {
    Map<String, Map<String, Definition>> byName = new LinkedHashMap<>();
    byFile.forEach(
        (file, plots) ->
            plots.forEach(
                (name, properties) ->
                    byName
                        .computeIfAbsent(name, n -> new LinkedHashMap<>())
                        .put(file, new Definition(name, properties))));
    Map<String, Definition> byId = new LinkedHashMap<>();
    byName.forEach(
        (name, files) ->
            files.forEach(
                (file, definition) ->
                    byId.put(files.size() == 1 ? name : PlotQuery.id(file, name), definition)));
    return byId;
  }

  private void topLevel(StageFile file) throws IOException {
    String config = query.fromHere(file.path());
    String directory = RelativePaths.parent(file.path());
    Map<String, Map<String, @Nullable Object>> defined = new LinkedHashMap<>();
    for (Object item : file.plots()) {
      if (item instanceof Map<?, ?> map) {
        map.forEach((name, properties) -> defined.put(String.valueOf(name), texts(properties)));
      } else {
        defined.put(String.valueOf(item), Map.of());
      }
    }
    List<String> places = defined.keySet().stream().map(name -> place(directory, name)).toList();
    for (var plot : defined.entrySet()) {
      String place = place(directory, plot.getKey());
      if (!query.asksFor(config, plot.getKey()) && !query.asksFor(config, place)) {
        continue;
      }
      Map<String, @Nullable Object> properties = placed(plot.getValue(), directory);
      if (properties.get(Y) instanceof Map<?, ?>) {
        define(config, plot.getKey(), properties);
        continue;
      }
      for (String path : files(place)) {
        if (closest(path, places).equals(place)) {
          define(config, path, properties);
        }
      }
    }
  }

  private static Map<String, @Nullable Object> texts(@Nullable Object properties) {
    Map<String, @Nullable Object> result = new LinkedHashMap<>();
    if (properties instanceof Map<?, ?> map) {
      map.forEach((key, value) -> result.put(String.valueOf(key), value));
    }
    return result;
  }

  /** Returns where a path is that a file of definitions in a directory names. */
  private String place(String directory, String path) {
    return query.fromHere(RelativePaths.join(directory, path));
  }

  /** Files of axes are relative to the file of the definition. */
  private Map<String, @Nullable Object> placed(
      Map<String, @Nullable Object> properties, String directory) {
    Map<String, @Nullable Object> result = new LinkedHashMap<>(properties);
    for (String axis : List.of(X, Y)) {
      if (properties.get(axis) instanceof Map<?, ?> files) {
        Map<String, @Nullable Object> moved = new LinkedHashMap<>();
        files.forEach((file, fields) -> moved.put(place(directory, String.valueOf(file)), fields));
        result.put(axis, moved);
      }
    }
    return result;
  }

  /** A file belongs to the definition of the nearest directory above it. */
  private static String closest(String path, Collection<String> places) {
    String best = "";
    for (String place : places) {
      boolean above = path.equals(place) || path.startsWith(place + "/") || place.isEmpty();
      if (above && place.length() > best.length()) {
        best = place;
      }
    }
    return best;
  }

  private void output(Out out) throws IOException {
    if (!out.isPlot() || !out.place().isInProject()) {
      return;
    }
    String path = query.fromHere(out.path());
    if (query.asksFor(query.fromHere(out.owner().file()), path)) {
      for (String file : files(path)) {
        define("", file, out.plot());
      }
    }
  }

  /** Files need no definition. */
  private void target(String target) throws IOException {
    String path =
        target.startsWith("/") && revision.stages().view().root().isAbsolute()
            ? inProject(target)
            : target;
    DataFiles files = revision.files();
    boolean isThere = files.kind(query.fromRoot(path)) != FileView.Kind.ABSENT;
    boolean isDefinitions = revision.stages().files().containsKey(query.fromRoot(path));
    boolean matched = byFile.values().stream().anyMatch(plots -> !plots.isEmpty());
    if (isDefinitions || (!isThere && matched)) {
      return;
    }
    for (String file : files(path)) {
      define("", file, Map.of());
    }
  }

  private String inProject(String absolute) {
    String root = revision.stages().view().root().toString();
    boolean inside = absolute.startsWith(root + "/");
    return inside ? query.fromHere(absolute.substring(root.length() + 1)) : absolute;
  }

  /** Returns the files of a directory, or the path itself. */
  private List<String> files(String path) throws IOException {
    String inProject = query.fromRoot(path);
    if (revision.files().kind(inProject) != FileView.Kind.DIRECTORY) {
      return List.of(path);
    }
    return revision.files().filesBelow(inProject).stream().map(query::fromHere).toList();
  }

  private void define(String file, String name, Map<String, @Nullable Object> properties) {
    Map<String, @Nullable Object> all =
        byFile
            .computeIfAbsent(file, f -> new LinkedHashMap<>())
            .computeIfAbsent(name, n -> new LinkedHashMap<>());
    all.putAll(properties);
    all.putAll(query.properties());
  }
}
