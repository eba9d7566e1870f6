package io.revfs.dvc;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What {@code dvc.yaml} says that {@code dvc.lock} does not: where the outputs of each stage lie,
 * and how they are stored. Stages of {@code foreach} and {@code matrix} are expanded.
 *
 * @param stages by the name that dvc.lock uses
 * @param problems stages that could not be resolved; the others are given
 */
public record DvcYaml(Map<String, Stage> stages, List<Problem> problems) {
  /**
   * A stage.
   *
   * @param workingDirectory relative to the file's directory
   * @param outputs by path relative to the working directory
   */
  public record Stage(String workingDirectory, Map<String, Storage> outputs) {}

  /** How an output is stored. */
  public record Storage(boolean cached, Optional<String> remote, boolean push) {}

  /** A stage that cannot be resolved. */
  public record Problem(String stage, int line, String message) {}

  /** Reads files beside {@code dvc.yaml}, for {@code vars}. */
  @FunctionalInterface
  public interface ParameterFiles {
    /** Returns the bytes of a file, by its path relative to dvc.yaml's directory. */
    Optional<byte[]> read(String path) throws IOException;
  }

  private static final String DEFAULT_PARAMETERS = "params.yaml";
  private static final List<String> OUTPUT_KEYS = List.of("outs", "metrics", "plots");

  /** Parses the file; {@code file} is its path for messages. */
  public static DvcYaml parse(String file, byte[] content, ParameterFiles files)
      throws IOException {
    YamlMap map = YamlMap.parse(file, content);
    Map<String, Stage> stages = new LinkedHashMap<>();
    List<Problem> problems = new ArrayList<>();
    Optional<YamlMap> all = map.map("stages");
    if (all.isEmpty()) {
      return new DvcYaml(stages, problems);
    }
    Map<String, @Nullable Object> context = new LinkedHashMap<>();
    Optional<byte[]> defaults = files.read(DEFAULT_PARAMETERS);
    if (defaults.isPresent()) {
      try {
        merge(context, YamlValues.parameters(DEFAULT_PARAMETERS, defaults.get()));
      } catch (DvcFormatException e) {
        problems.add(new Problem(DEFAULT_PARAMETERS, e.line(), String.valueOf(e.getMessage())));
      }
    }
    loadVars(map, file, context, files, "");
    for (String name : all.get().keys()) {
      int line = all.get().line(name);
      try {
        Object body = YamlValues.of(file, all.get().node(name).orElseThrow());
        new Expansion(context, files, stages).expand(name, asMap(body));
      } catch (Template.Unresolved | IOException | RuntimeException e) {
        problems.add(
            new Problem(
                name, line, file + ":" + line + ": stage '" + name + "': " + e.getMessage()));
      }
    }
    return new DvcYaml(stages, problems);
  }

  private static void loadVars(
      YamlMap map,
      String file,
      Map<String, @Nullable Object> context,
      ParameterFiles files,
      String directory)
      throws IOException {
    List<@Nullable Object> vars = new ArrayList<>();
    for (var node : map.list("vars")) {
      vars.add(YamlValues.of(file, node));
    }
    loadVars(vars, context, files, directory);
  }

  /** Items are maps, or {@code file[:key,key]}. */
  private static void loadVars(
      List<@Nullable Object> vars,
      Map<String, @Nullable Object> context,
      ParameterFiles files,
      String directory)
      throws IOException {
    for (Object item : vars) {
      if (item instanceof Map<?, ?> inline) {
        merge(context, asMap(inline));
        continue;
      }
      String spec = String.valueOf(item);
      int colon = spec.lastIndexOf(':');
      String path = colon < 0 ? spec : spec.substring(0, colon);
      Optional<byte[]> content = files.read(directory.isEmpty() ? path : directory + "/" + path);
      if (content.isEmpty()) {
        throw new DvcFormatException(path, 0, "named in vars, but it is not there");
      }
      Map<String, @Nullable Object> values = YamlValues.parameters(path, content.get());
      if (colon >= 0) {
        values.keySet().retainAll(List.of(spec.substring(colon + 1).split(",")));
      }
      merge(context, values);
    }
  }

  /** Maps merge deeply; of two scalars the later wins (DVC refuses them if they differ). */
  private static void merge(
      Map<String, @Nullable Object> into, Map<String, @Nullable Object> from) {
    from.forEach(
        (key, value) -> {
          if (value instanceof Map<?, ?> inner && into.get(key) instanceof Map<?, ?> there) {
            Map<String, @Nullable Object> both = new LinkedHashMap<>(asMap(there));
            merge(both, asMap(inner));
            into.put(key, both);
          } else {
            into.put(key, value);
          }
        });
  }

  private static Map<String, @Nullable Object> asMap(@Nullable Object value) {
    if (!(value instanceof Map<?, ?> map)) {
      throw new IllegalArgumentException("a map is expected");
    }
    Map<String, @Nullable Object> result = new LinkedHashMap<>();
    map.forEach((key, item) -> result.put(String.valueOf(key), item));
    return result;
  }

  /** Turns one entry of {@code stages} into the stages that dvc.lock knows. */
  private record Expansion(
      Map<String, @Nullable Object> context, ParameterFiles files, Map<String, Stage> stages) {
    private static final int MAX_COMBINATIONS = 1_000_000;

    void expand(String name, Map<String, @Nullable Object> body)
        throws Template.Unresolved, IOException {
      if (body.containsKey("foreach")) {
        foreach(name, body);
      } else if (body.containsKey("matrix")) {
        matrix(name, body);
      } else {
        stages.put(name, stage(body, context));
      }
    }

    private void foreach(String name, Map<String, @Nullable Object> body)
        throws Template.Unresolved, IOException {
      Map<String, @Nullable Object> template = asMap(body.get("do"));
      Object over = resolveDeep(body.get("foreach"));
      if (over instanceof Map<?, ?> map) {
        for (var entry : asMap(map).entrySet()) {
          add(name, entry.getKey(), entry.getValue(), entry.getKey(), template);
        }
        return;
      }
      if (!(over instanceof List<?> list)) {
        throw new Template.Unresolved("foreach needs a list or a map");
      }
      boolean byIndex =
          list.stream().anyMatch(item -> item instanceof Map<?, ?> || item instanceof List<?>);
      for (int i = 0; i < list.size(); i++) {
        String key = byIndex ? Integer.toString(i) : Template.python(list.get(i));
        add(name, key, list.get(i), null, template);
      }
    }

    private void matrix(String name, Map<String, @Nullable Object> body)
        throws Template.Unresolved, IOException {
      List<Map<String, @Nullable Object>> items = new ArrayList<>(List.of(new LinkedHashMap<>()));
      List<String> keys = new ArrayList<>(List.of(""));
      for (var axis : asMap(body.get("matrix")).entrySet()) {
        if (!(resolveDeep(axis.getValue()) instanceof List<?> values)) {
          throw new Template.Unresolved("matrix needs lists");
        }
        if ((long) items.size() * values.size() > MAX_COMBINATIONS) {
          throw new Template.Unresolved("a matrix of too many stages");
        }
        List<Map<String, @Nullable Object>> nextItems = new ArrayList<>();
        List<String> nextKeys = new ArrayList<>();
        for (int i = 0; i < items.size(); i++) {
          for (int v = 0; v < values.size(); v++) {
            Object value = values.get(v);
            Map<String, @Nullable Object> item = new LinkedHashMap<>(items.get(i));
            item.put(axis.getKey(), value);
            nextItems.add(item);
            boolean composite = value instanceof Map<?, ?> || value instanceof List<?>;
            String part = composite ? axis.getKey() + v : Template.python(value);
            nextKeys.add(keys.get(i).isEmpty() ? part : keys.get(i) + "-" + part);
          }
        }
        items = nextItems;
        keys = nextKeys;
      }
      for (int i = 0; i < items.size(); i++) {
        add(name, keys.get(i), items.get(i), keys.get(i), body);
      }
    }

    private void add(
        String group,
        String key,
        @Nullable Object item,
        @Nullable String keyValue,
        Map<String, @Nullable Object> body)
        throws Template.Unresolved, IOException {
      Map<String, @Nullable Object> inner = new LinkedHashMap<>(context);
      inner.put("item", item);
      if (keyValue != null) {
        inner.put("key", keyValue);
      }
      stages.put(group + "@" + key, stage(body, inner));
    }

    private Stage stage(Map<String, @Nullable Object> body, Map<String, @Nullable Object> outer)
        throws Template.Unresolved, IOException {
      Map<String, @Nullable Object> inner = outer;
      String wdir = text(body.getOrDefault("wdir", "."), outer);
      if (body.get("vars") instanceof List<?> vars) {
        inner = new LinkedHashMap<>(outer);
        loadVars(new ArrayList<>(vars), inner, files, wdir.equals(".") ? "" : wdir);
      }
      Map<String, Storage> outputs = new LinkedHashMap<>();
      for (String key : OUTPUT_KEYS) {
        if (body.get(key) instanceof List<?> list) {
          for (Object out : list) {
            output(out, inner, outputs);
          }
        }
      }
      return new Stage(wdir, outputs);
    }

    private void output(
        @Nullable Object out, Map<String, @Nullable Object> inner, Map<String, Storage> outputs)
        throws Template.Unresolved {
      if (!(out instanceof Map<?, ?> map)) {
        outputs.put(text(out, inner), new Storage(true, Optional.empty(), true));
        return;
      }
      for (var entry : asMap(map).entrySet()) {
        Map<String, @Nullable Object> options =
            entry.getValue() instanceof Map<?, ?> m ? asMap(m) : Map.of();
        Object remote = Template.resolve(options.get("remote"), inner);
        outputs.put(
            text(entry.getKey(), inner),
            new Storage(
                !Boolean.FALSE.equals(Template.resolve(options.get("cache"), inner)),
                Optional.ofNullable(remote).map(Object::toString),
                !Boolean.FALSE.equals(Template.resolve(options.get("push"), inner))));
      }
    }

    private static String text(@Nullable Object value, Map<String, @Nullable Object> context)
        throws Template.Unresolved {
      return Template.text(String.valueOf(value), context);
    }

    private @Nullable Object resolveDeep(@Nullable Object value) throws Template.Unresolved {
      Object resolved = Template.resolve(value, context);
      if (resolved instanceof List<?> list) {
        List<@Nullable Object> result = new ArrayList<>();
        for (Object item : list) {
          result.add(resolveDeep(item));
        }
        return result;
      }
      if (resolved instanceof Map<?, ?> map) {
        Map<String, @Nullable Object> result = new LinkedHashMap<>();
        for (var entry : asMap(map).entrySet()) {
          result.put(entry.getKey(), resolveDeep(entry.getValue()));
        }
        return result;
      }
      return resolved;
    }
  }
}
