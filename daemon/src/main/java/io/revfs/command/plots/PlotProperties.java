package io.revfs.command.plots;

import io.revfs.command.Invocation;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Properties of plots as they are given on the command line. */
final class PlotProperties {
  private static final List<String> TEXTS =
      List.of("template", "x", "y", "x-label", "y-label", "title");

  private PlotProperties() {}

  /** Returns those that were given, by their names in {@code dvc.yaml}. */
  static Map<String, @Nullable Object> of(Invocation call) {
    Map<String, @Nullable Object> properties = new LinkedHashMap<>();
    for (String name : TEXTS) {
      call.value(name).ifPresent(value -> properties.put(name.replace('-', '_'), value));
    }
    if (call.flag("no-header")) {
      properties.put("header", false);
    }
    return properties;
  }
}
