package io.revfs.dvc.pipeline;

import io.revfs.dvc.DvcFormatException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * What may stand where in {@code dvc.yaml}, before templates are resolved. Unknown keys are errors,
 * as with DVC.
 */
final class PipelineSchema {
  private static final Set<String> TOP =
      Set.of("vars", "stages", "params", "metrics", "plots", "artifacts", "datasets");
  private static final Set<String> STAGE =
      Set.of(
          "matrix",
          "cmd",
          "wdir",
          "deps",
          "params",
          "vars",
          "frozen",
          "meta",
          "desc",
          "always_changed",
          "outs",
          "metrics",
          "plots");
  private static final Set<String> ANNOTATIONS = Set.of("desc", "type", "labels", "meta");
  private static final Set<String> OUTPUT_FLAGS = Set.of("cache", "persist", "checkpoint", "push");
  private static final Set<String> PLOT_TEXTS =
      Set.of("template", "x", "y", "x_label", "y_label", "title");
  private static final Set<String> ARTIFACT = Set.of("path", "desc", "type", "labels", "meta");

  private final Lines lines;

  PipelineSchema(Lines lines) {
    this.lines = lines;
  }

  void check(Map<String, @Nullable Object> top) throws DvcFormatException {
    keys(top, TOP, "");
    vars(top, "");
    for (String list : List.of("params", "metrics")) {
      items(top, list, "", item -> item instanceof String, "text");
    }
    items(top, "plots", "", item -> item instanceof String || isPlot(item), "a path or a plot");
    Map<String, @Nullable Object> artifacts = map(top.get("artifacts"), "artifacts");
    for (var artifact : artifacts.entrySet()) {
      String where = "artifacts." + artifact.getKey();
      Map<String, @Nullable Object> body = map(artifact.getValue(), where);
      keys(body, ARTIFACT, where);
      if (!(body.get("path") instanceof String)) {
        throw failure(where, "'path' is missing in '" + where + "'");
      }
    }
    for (var stage : map(top.get("stages"), "stages").entrySet()) {
      stageOrLoop("stages." + stage.getKey(), stage.getValue());
    }
  }

  private static boolean isPlot(@Nullable Object item) {
    return item instanceof Map<?, ?> map
        && map.values().stream().allMatch(p -> p == null || p instanceof Map<?, ?>);
  }

  private void stageOrLoop(String where, @Nullable Object value) throws DvcFormatException {
    Map<String, @Nullable Object> body = map(value, where);
    if (!body.containsKey("foreach") && !body.containsKey("do")) {
      stage(where, body);
      return;
    }
    keys(body, Set.of("foreach", "do"), where);
    Object over = body.get("foreach");
    if (!(over instanceof Map<?, ?> || over instanceof List<?> || over instanceof String)) {
      throw failure(where, "'foreach' in '" + where + "' must be a list, a map or a template");
    }
    if (!body.containsKey("do")) {
      throw failure(where, "'do' is missing in '" + where + "'");
    }
    stage(where + ".do", map(body.get("do"), where + ".do"));
  }

  private void stage(String where, Map<String, @Nullable Object> body) throws DvcFormatException {
    keys(body, STAGE, where);
    Object command = body.get("cmd");
    if (!(command instanceof String || command instanceof List<?>)) {
      throw failure(
          where + ".cmd",
          command == null
              ? "'cmd' is missing in '" + where + "'"
              : "'cmd' in '" + where + "' must be text or a list");
    }
    for (String text : List.of("wdir", "desc")) {
      value(body, text, where, v -> v instanceof String, "text");
    }
    for (String flag : List.of("frozen", "always_changed")) {
      value(body, flag, where, v -> v instanceof Boolean, "true or false");
    }
    items(body, "deps", where, item -> item instanceof String, "text");
    items(body, "params", where, v -> v instanceof String || v instanceof Map<?, ?>, "text or map");
    vars(body, where);
    if (body.containsKey("matrix")) {
      for (var axis : map(body.get("matrix"), where + ".matrix").entrySet()) {
        if (!(axis.getValue() instanceof List<?> || axis.getValue() instanceof String)) {
          throw failure(where + ".matrix", "'" + axis.getKey() + "' must be a list or a template");
        }
      }
    }
    for (DeclaredOutput.Kind kind : DeclaredOutput.Kind.values()) {
      outputs(body, where, kind);
    }
  }

  private void outputs(Map<String, @Nullable Object> body, String where, DeclaredOutput.Kind kind)
      throws DvcFormatException {
    String list = kind.key();
    items(body, list, where, v -> v instanceof String || v instanceof Map<?, ?>, "text or a map");
    if (!(body.get(list) instanceof List<?> outputs)) {
      return;
    }
    boolean plot = kind == DeclaredOutput.Kind.PLOT;
    for (Object output : outputs) {
      if (!(output instanceof Map<?, ?> named)) {
        continue;
      }
      for (Object flags : named.values()) {
        List<?> all =
            plot && flags instanceof List<?> several ? several : java.util.Arrays.asList(flags);
        for (Object one : all) {
          outputFlags(map(one, where + "." + list), where + "." + list, plot);
        }
      }
    }
  }

  private void outputFlags(Map<String, @Nullable Object> flags, String where, boolean plot)
      throws DvcFormatException {
    for (var flag : flags.entrySet()) {
      String key = flag.getKey();
      Object value = flag.getValue();
      boolean known =
          OUTPUT_FLAGS.contains(key)
              || ANNOTATIONS.contains(key)
              || key.equals("remote")
              || (plot && (PLOT_TEXTS.contains(key) || key.equals("header")));
      if (!known) {
        throw failure(where, "extra keys not allowed: '" + key + "' in '" + where + "'");
      }
      boolean flagged = OUTPUT_FLAGS.contains(key) || key.equals("header");
      if (flagged && !(value instanceof Boolean)) {
        throw failure(where, "'" + key + "' in '" + where + "' must be true or false");
      }
      boolean text = PLOT_TEXTS.contains(key) || Set.of("remote", "desc", "type").contains(key);
      if (text && !(value instanceof String)) {
        throw failure(where, "'" + key + "' in '" + where + "' must be text");
      }
      if (key.equals("labels") && !(value instanceof List<?>)) {
        throw failure(where, "'labels' in '" + where + "' must be a list");
      }
    }
  }

  private void vars(Map<String, @Nullable Object> body, String where) throws DvcFormatException {
    items(body, "vars", where, v -> v instanceof String || v instanceof Map<?, ?>, "text or a map");
  }

  private void keys(Map<String, @Nullable Object> body, Set<String> known, String where)
      throws DvcFormatException {
    for (String key : body.keySet()) {
      if (!known.contains(key)) {
        String at = where.isEmpty() ? key : where + "." + key;
        throw failure(
            at,
            "extra keys not allowed: '"
                + key
                + "'"
                + (where.isEmpty() ? "" : " in '" + where + "'"));
      }
    }
  }

  private void value(
      Map<String, @Nullable Object> body,
      String key,
      String where,
      Predicate<@Nullable Object> valid,
      String what)
      throws DvcFormatException {
    if (body.containsKey(key) && !valid.test(body.get(key))) {
      throw failure(where + "." + key, "'" + key + "' in '" + where + "' must be " + what);
    }
  }

  private void items(
      Map<String, @Nullable Object> body,
      String key,
      String where,
      Predicate<@Nullable Object> valid,
      String what)
      throws DvcFormatException {
    if (!body.containsKey(key)) {
      return;
    }
    String at = where.isEmpty() ? key : where + "." + key;
    if (!(body.get(key) instanceof List<?> list)) {
      throw failure(at, "'" + at + "' must be a list");
    }
    for (Object item : list) {
      if (!valid.test(item)) {
        throw failure(at, "each item of '" + at + "' must be " + what);
      }
    }
  }

  private Map<String, @Nullable Object> map(@Nullable Object value, String where)
      throws DvcFormatException {
    if (value == null && (where.equals("stages") || where.equals("artifacts"))) {
      return Map.of();
    }
    if (!(value instanceof Map<?, ?>)) {
      throw failure(where, "'" + where + "' must be a map");
    }
    return Lines.asMap(value);
  }

  private DvcFormatException failure(String where, String what) {
    return lines.failure(where, what);
  }
}
