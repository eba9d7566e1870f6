package io.revfs.dvc.pipeline;

import io.revfs.dvc.DvcFormatException;
import io.revfs.text.RelativePaths;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Makes one stage of its definition: templates replaced, entries in their full form. */
record StageResolver(
    String name,
    Optional<String> group,
    String directory,
    Lines lines,
    ParameterFiles files,
    ParsingOptions options) {
  private static final List<String> ANNOTATIONS = List.of("desc", "type", "labels", "meta");

  PipelineStage resolve(Map<String, @Nullable Object> definition, Context outer)
      throws IOException {
    Map<String, @Nullable Object> body = new LinkedHashMap<>(definition);
    List<?> vars = body.remove("vars") instanceof List<?> list ? list : List.of();
    Context context = outer.fresh();
    String wdir = wdir(body.get("wdir"), outer.fresh());
    if (!vars.isEmpty()) {
      context = variables(vars, RelativePaths.join(directory, wdir), outer);
    }
    Map<String, @Nullable Object> resolved = new LinkedHashMap<>();
    for (var entry : body.entrySet()) {
      resolved.put(entry.getKey(), value(entry.getKey(), entry.getValue(), context));
    }
    boolean templated = !vars.isEmpty() || group.isPresent() || !resolved.equals(body);
    return stage(resolved, templated, context);
  }

  private String wdir(@Nullable Object wdir, Context context) throws DvcFormatException {
    return wdir == null ? "." : PythonText.str(value("wdir", wdir, context));
  }

  private Context variables(List<?> vars, String from, Context outer) throws IOException {
    if (Interpolation.hasTemplate(vars)) {
      throw lines.unresolved(
          where("vars"), "'" + where("vars") + "'", "interpolating is not allowed");
    }
    Context context = outer.copy();
    try {
      context.load(vars, from, name + ".", files);
    } catch (Unresolved e) {
      throw lines.unresolved(where("vars"), "'" + where("vars") + "'", e.what());
    }
    return context;
  }

  /** Returns the part's name in the file, which for loops is that of their template. */
  private String where(String key) {
    return "stages." + name + "." + key;
  }

  private int line(String key) {
    String definition = group.orElse(name);
    int inLoop = lines.of("stages." + definition + ".do." + key);
    int direct = lines.of("stages." + definition + "." + key);
    return Math.max(inLoop, direct);
  }

  private @Nullable Object value(String key, @Nullable Object value, Context context)
      throws DvcFormatException {
    try {
      Interpolation.check(value);
      Interpolation.Use use =
          key.equals("cmd") ? Interpolation.Use.COMMAND : Interpolation.Use.SCALAR;
      return Interpolation.resolve(value, context, use, options);
    } catch (Unresolved e) {
      throw lines.failure(line(key), "failed to parse '" + where(key) + "': " + e.what());
    }
  }

  private PipelineStage stage(
      Map<String, @Nullable Object> body, boolean templated, Context context)
      throws DvcFormatException {
    Object command = body.get("cmd");
    if (command instanceof List<?> list && list.isEmpty()) {
      throw lines.failure(line("cmd"), "'" + where("cmd") + "' is an empty list");
    }
    List<DeclaredOutput> outputs = new ArrayList<>();
    for (DeclaredOutput.Kind kind : DeclaredOutput.Kind.values()) {
      outputs(list(body, kind.key()), kind, outputs);
    }
    return new PipelineStage(
        name,
        group,
        StageCommand.of(command == null ? "" : command),
        body.get("wdir") == null ? "." : PythonText.str(body.get("wdir")),
        list(body, "deps").stream().map(PythonText::str).toList(),
        parameters(list(body, "params")),
        List.copyOf(outputs),
        Boolean.TRUE.equals(body.get("frozen")),
        Boolean.TRUE.equals(body.get("always_changed")),
        Optional.ofNullable(body.get("desc")).map(PythonText::str),
        body.get("meta"),
        templated,
        context.used(),
        line("cmd"));
  }

  private static List<?> list(Map<String, @Nullable Object> body, String key) {
    return body.get(key) instanceof List<?> list ? list : List.of();
  }

  /** A file of which everything is tracked hides keys of it that are named as well. */
  private Map<String, List<String>> parameters(List<?> entries) throws DvcFormatException {
    Set<String> whole = new HashSet<>();
    for (Object entry : entries) {
      if (entry instanceof Map<?, ?> map) {
        map.forEach(
            (file, keys) -> {
              if (keys == null || (keys instanceof List<?> list && list.isEmpty())) {
                whole.add(String.valueOf(file));
              }
            });
      }
    }
    Map<String, List<String>> parameters = new LinkedHashMap<>();
    for (Object entry : entries) {
      if (!(entry instanceof Map<?, ?> map)) {
        if (!whole.contains(PipelineFile.DEFAULT_PARAMETERS)) {
          keys(parameters, PipelineFile.DEFAULT_PARAMETERS).add(PythonText.str(entry));
        }
        continue;
      }
      for (Map.Entry<?, ?> file : map.entrySet()) {
        List<String> keys = keys(parameters, String.valueOf(file.getKey()));
        if (whole.contains(String.valueOf(file.getKey()))) {
          continue;
        }
        if (!(file.getValue() instanceof List<?> list)) {
          throw lines.failure(
              line("params"),
              "'%s' of '%s' must be a list of keys".formatted(file.getKey(), where("params")));
        }
        list.forEach(key -> keys.add(PythonText.str(key)));
      }
    }
    return parameters;
  }

  private static List<String> keys(Map<String, List<String>> parameters, String file) {
    return parameters.computeIfAbsent(file, f -> new ArrayList<>());
  }

  /** Entries of one path are one output, later flags winning. */
  private static void outputs(List<?> entries, DeclaredOutput.Kind kind, List<DeclaredOutput> to) {
    Map<String, Map<String, @Nullable Object>> merged = new LinkedHashMap<>();
    for (Object entry : entries) {
      if (!(entry instanceof Map<?, ?> map)) {
        merged.computeIfAbsent(PythonText.str(entry), p -> new LinkedHashMap<>());
        continue;
      }
      map.forEach(
          (path, flags) -> {
            Map<String, @Nullable Object> all =
                merged.computeIfAbsent(String.valueOf(path), p -> new LinkedHashMap<>());
            List<?> several = flags instanceof List<?> list ? list : List.of(flags);
            several.forEach(one -> all.putAll(Lines.asMap(one)));
          });
    }
    merged.forEach((path, flags) -> to.add(output(path, flags, kind)));
  }

  private static DeclaredOutput output(
      String path, Map<String, @Nullable Object> flags, DeclaredOutput.Kind kind) {
    Map<String, @Nullable Object> annotations = new LinkedHashMap<>();
    for (String key : ANNOTATIONS) {
      if (flags.get(key) != null) {
        annotations.put(key, flags.get(key));
      }
    }
    Map<String, @Nullable Object> plot = new LinkedHashMap<>();
    if (kind == DeclaredOutput.Kind.PLOT) {
      plot.putAll(flags);
      plot.keySet().removeAll(ANNOTATIONS);
      plot.keySet().removeAll(List.of("cache", "persist", "remote", "push", "checkpoint"));
    }
    return new DeclaredOutput(
        path,
        kind,
        !Boolean.FALSE.equals(flags.get("cache")),
        Boolean.TRUE.equals(flags.get("persist")),
        Optional.ofNullable(flags.get("remote")).map(PythonText::str),
        !Boolean.FALSE.equals(flags.get("push")),
        annotations,
        plot);
  }
}
