package io.revfs.command.plots;

import io.revfs.stage.Out;
import io.revfs.stage.Stage;
import io.revfs.text.RelativePaths;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * An output as its file has it, to be written with other properties of a plot.
 *
 * @param plot all of its properties; may be none
 */
record PlotEntry(Stage stage, Out out, Map<String, @Nullable Object> plot) {
  private static final List<String> LISTS = List.of("outs", "metrics", "plots");
  private static final String PLOTS = "plots";
  private static final List<String> PROPERTIES =
      List.of("template", "x", "y", "x_label", "y_label", "title", "header");

  /** Changes a {@code dvc.yaml}: what was no plot moves to the stage's list of plots. */
  @SuppressWarnings("unchecked") // maps of a document's value have texts as keys
  void putInto(Map<String, @Nullable Object> file) {
    if (!(file.get("stages") instanceof Map<?, ?> stages)
        || !(stages.get(stage.id().name()) instanceof Map<?, ?> body)) {
      return;
    }
    Map<String, @Nullable Object> entries = (Map<String, @Nullable Object>) body;
    for (String list : LISTS) {
      if (!(entries.get(list) instanceof List<?> items)) {
        continue;
      }
      List<@Nullable Object> left = new ArrayList<>(items);
      for (int i = 0; i < left.size(); i++) {
        if (isOut(path(left.get(i)))) {
          Object entry = entry(path(left.get(i)), left.get(i));
          place(entries, list, left, i, entry);
          return;
        }
      }
    }
  }

  private static void place(
      Map<String, @Nullable Object> entries,
      String list,
      List<@Nullable Object> items,
      int index,
      Object entry) {
    if (list.equals(PLOTS)) {
      items.set(index, entry);
      entries.put(list, items);
      return;
    }
    items.remove(index);
    if (items.isEmpty()) {
      entries.remove(list);
    } else {
      entries.put(list, items);
    }
    List<@Nullable Object> plots =
        new ArrayList<>(entries.get(PLOTS) instanceof List<?> some ? some : List.of());
    plots.add(entry);
    entries.put(PLOTS, plots);
  }

  private static String path(@Nullable Object item) {
    return item instanceof Map<?, ?> map && !map.isEmpty()
        ? String.valueOf(map.keySet().iterator().next())
        : String.valueOf(item);
  }

  private boolean isOut(String written) {
    return RelativePaths.join(stage.workingDirectory(), written).equals(out.path());
  }

  private Object entry(String path, @Nullable Object before) {
    Map<String, @Nullable Object> flags = new LinkedHashMap<>();
    Object old = before instanceof Map<?, ?> map ? map.get(path) : null;
    if (old instanceof Map<?, ?> map) {
      map.forEach(
          (key, value) -> {
            String name = String.valueOf(key);
            if (!PROPERTIES.contains(name)) {
              flags.put(name, value);
            } else if (plot.containsKey(name)) {
              flags.put(name, plot.get(name));
            }
          });
    }
    plot.forEach(flags::putIfAbsent);
    return flags.isEmpty() ? path : Map.of(path, flags);
  }

  /** Changes a {@code .dvc} file. */
  @SuppressWarnings("unchecked") // maps of a document's value have texts as keys
  void putIntoDvcFile(Map<String, @Nullable Object> file) {
    int index = stage.outs().indexOf(out);
    if (file.get("outs") instanceof List<?> outs && outs.get(index) instanceof Map<?, ?> entry) {
      ((Map<String, @Nullable Object>) entry).put("plot", plot.isEmpty() ? true : plot);
    }
  }
}
