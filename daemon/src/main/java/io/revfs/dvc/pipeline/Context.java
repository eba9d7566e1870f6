package io.revfs.dvc.pipeline;

import io.revfs.dvc.DvcFormatException;
import io.revfs.dvc.YamlValues;
import io.revfs.text.RelativePaths;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The variables of a {@code dvc.yaml}, or of one of its stages. Keeps account of which parameters
 * of which files were used. Not thread-safe.
 */
final class Context {
  private final ContextNode.Mapping root;

  /** Files loaded, with the keys taken; all of them if absent. */
  private final Map<String, Optional<List<String>>> loaded;

  private final Set<String> reserved;
  private final Map<String, Map<String, @Nullable Object>> used = new TreeMap<>();

  private Context(
      ContextNode.Mapping root, Map<String, Optional<List<String>>> loaded, Set<String> reserved) {
    this.root = root;
    this.loaded = loaded;
    this.reserved = reserved;
  }

  static Context empty() {
    return new Context(
        new ContextNode.Mapping(new LinkedHashMap<>(), ContextNode.Origin.NONE),
        new HashMap<>(),
        Set.of());
  }

  /** Returns a copy that can be changed by itself. */
  Context copy() {
    return new Context(root.copy(), new HashMap<>(loaded), reserved);
  }

  /** Returns a context with values of a loop, which hide others and cannot be redefined. */
  Context with(Map<String, @Nullable Object> values) {
    Map<String, ContextNode> entries = new LinkedHashMap<>(root.entries());
    values.forEach(
        (key, value) ->
            entries.put(key, ContextNode.of(value, ContextNode.Origin.NONE.child(key))));
    return new Context(
        new ContextNode.Mapping(entries, root.origin()), new HashMap<>(loaded), values.keySet());
  }

  /** Returns a context of the same values that keeps account by itself. */
  Context fresh() {
    return new Context(root, loaded, reserved);
  }

  /** Returns parameters by file and dotted key, with their values, that were selected so far. */
  Map<String, Map<String, @Nullable Object>> used() {
    return used;
  }

  /** Returns the value that an expression names. */
  ContextNode select(String expression) throws Unresolved {
    ContextNode node = root;
    for (String part : expression.replace("[", ".").replace("]", "").split("\\.", -1)) {
      ContextNode child = child(node, part.strip());
      if (child == null) {
        throw new Unresolved("Could not find '" + expression + "'");
      }
      node = child;
    }
    if (node.origin().file() && !(node instanceof ContextNode.Mapping)) {
      used.computeIfAbsent(node.origin().source(), file -> new TreeMap<>())
          .put(node.origin().path(), node.value());
    }
    return node;
  }

  private static @Nullable ContextNode child(ContextNode node, String key) {
    return switch (node) {
      case ContextNode.Mapping map -> map.entries().get(key);
      case ContextNode.Sequence list -> {
        try {
          int index = Integer.parseInt(key);
          int at = index < 0 ? index + list.items().size() : index;
          yield at >= 0 && at < list.items().size() ? list.items().get(at) : null;
        } catch (NumberFormatException e) {
          yield null;
        }
      }
      case ContextNode.Scalar scalar -> null;
    };
  }

  /**
   * Loads items of a {@code vars} list: maps, or {@code file[:key,key]}.
   *
   * @param directory what file names are relative to
   * @param prefix of sources in messages: the stage's name and a dot, or nothing
   */
  void load(List<?> items, String directory, String prefix, ParameterFiles files)
      throws IOException, Unresolved {
    for (int i = 0; i < items.size(); i++) {
      if (items.get(i) instanceof Map<?, ?> map) {
        ContextNode.Origin origin = new ContextNode.Origin(prefix + "vars[" + i + "]", "", false);
        merge(ContextNode.of(map, origin), origin.source());
      } else {
        loadFile(String.valueOf(items.get(i)), directory, files);
      }
    }
  }

  private void loadFile(String item, String directory, ParameterFiles files)
      throws IOException, Unresolved {
    int colon = item.indexOf(':');
    String path = RelativePaths.join(directory, colon < 0 ? item : item.substring(0, colon));
    List<String> keys = new ArrayList<>();
    if (colon >= 0) {
      for (String key : item.substring(colon + 1).split(",")) {
        if (!key.isEmpty()) {
          keys.add(key);
        }
      }
    }
    Optional<List<String>> before = loaded.get(path);
    if (before != null) {
      if (keys.isEmpty() && before.isEmpty()) {
        return;
      }
      checkLoaded(item, keys, before);
    }
    Optional<byte[]> content = files.read(path);
    if (content.isEmpty()) {
      throw new Unresolved("'" + path + "' does not exist");
    }
    Map<String, @Nullable Object> values = YamlValues.parameters(path, content.get());
    if (!keys.isEmpty()) {
      values = only(keys, values, path);
    }
    merge(ContextNode.of(values, new ContextNode.Origin(path, "", true)), item);
    List<String> all = new ArrayList<>(before == null ? List.of() : before.orElse(List.of()));
    all.addAll(keys);
    loaded.put(path, keys.isEmpty() ? Optional.empty() : Optional.of(all));
  }

  private static void checkLoaded(String item, List<String> keys, Optional<List<String>> before)
      throws Unresolved {
    if (before.isEmpty()) {
      throw new Unresolved("cannot partially load '" + item + "' as it's already loaded.");
    }
    if (keys.isEmpty() || keys.stream().anyMatch(before.get()::contains)) {
      throw new Unresolved("cannot load '" + item + "' as it's partially loaded already");
    }
  }

  private static Map<String, @Nullable Object> only(
      List<String> keys, Map<String, @Nullable Object> values, String path) throws Unresolved {
    Map<String, @Nullable Object> result = new LinkedHashMap<>();
    for (String key : keys) {
      if (!values.containsKey(key)) {
        throw new Unresolved("could not find '" + key + "' in '" + path + "'");
      }
      result.put(key, values.get(key));
    }
    return result;
  }

  /** Loads the default parameters file if it is there. */
  void loadDefault(String directory, ParameterFiles files) throws IOException, Unresolved {
    String path = RelativePaths.join(directory, PipelineFile.DEFAULT_PARAMETERS);
    if (files.read(path).isPresent()) {
      try {
        loadFile(PipelineFile.DEFAULT_PARAMETERS, directory, files);
      } catch (DvcFormatException e) {
        loaded.put(path, Optional.empty());
        throw e;
      }
    }
  }

  private void merge(ContextNode from, String item) throws Unresolved {
    Map<String, ContextNode> entries = ((ContextNode.Mapping) from).entries();
    for (String key : reserved) {
      if (entries.containsKey(key)) {
        throw new Unresolved("attempted to modify reserved key '" + key + "' in '" + item + "'");
      }
    }
    merge(root.entries(), entries);
  }

  private static void merge(Map<String, ContextNode> into, Map<String, ContextNode> from)
      throws Unresolved {
    for (Map.Entry<String, ContextNode> entry : from.entrySet()) {
      ContextNode there = into.get(entry.getKey());
      ContextNode fresh = entry.getValue();
      if (there instanceof ContextNode.Mapping old && fresh instanceof ContextNode.Mapping more) {
        merge(old.entries(), more.entries());
      } else if (there != null) {
        throw new Unresolved(
            "cannot redefine '%s' from '%s' as it already exists in '%s'"
                .formatted(
                    fresh.origin().path(), fresh.origin().source(), there.origin().source()));
      } else {
        into.put(entry.getKey(), fresh);
      }
    }
  }

  /** Returns the names at the top that are there already. */
  boolean has(String key) {
    return root.entries().containsKey(key);
  }
}
