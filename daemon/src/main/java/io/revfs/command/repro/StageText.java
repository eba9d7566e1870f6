package io.revfs.command.repro;

import io.revfs.command.Invocation;
import io.revfs.text.PythonJson;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** What a call of {@code stage add} says, in the form and order of {@code dvc.yaml}. */
final class StageText {
  private static final String DEFAULT_PARAMS = "params.yaml";

  private final Invocation call;

  StageText(Invocation call) {
    this.call = call;
  }

  /** Returns the entry of the stage. */
  Map<String, @Nullable Object> entry() {
    Map<String, @Nullable Object> entry = new LinkedHashMap<>();
    call.value("desc").ifPresent(text -> entry.put("desc", text));
    entry.put("cmd", command());
    call.value("wdir").filter(wdir -> !wdir.equals(".")).ifPresent(w -> entry.put("wdir", w));
    putIfAny(entry, "deps", sorted(call.values("deps")));
    putIfAny(entry, "params", params());
    putIfAny(
        entry,
        "outs",
        outputs(
            Map.of(
                "outs", flags(true, false),
                "outs-no-cache", flags(false, false),
                "outs-persist", flags(true, true),
                "outs-persist-no-cache", flags(false, true))));
    putIfAny(
        entry,
        "metrics",
        outputs(Map.of("metrics", flags(true, false), "metrics-no-cache", flags(false, false))));
    putIfAny(
        entry,
        "plots",
        outputs(Map.of("plots", flags(true, false), "plots-no-cache", flags(false, false))));
    if (call.flag("always-changed")) {
      entry.put("always_changed", true);
    }
    return entry;
  }

  private static void putIfAny(Map<String, @Nullable Object> entry, String key, List<?> values) {
    if (!values.isEmpty()) {
      entry.put(key, values);
    }
  }

  private static List<String> sorted(List<String> texts) {
    List<String> sorted = new ArrayList<>(texts);
    sorted.sort(PythonJson::compareCodePoints);
    return sorted;
  }

  /** Several words are one command, those with spaces in quotes. */
  private String command() {
    List<String> words = call.values("command");
    if (words.size() == 1) {
      return words.getFirst();
    }
    List<String> quoted = new ArrayList<>();
    for (String word : words) {
      boolean quotes = word.contains(" ") && !word.contains("\"");
      quoted.add(quotes ? "\"" + word + "\"" : word);
    }
    return String.join(" ", quoted);
  }

  private static Map<String, Object> flags(boolean cache, boolean persist) {
    Map<String, Object> flags = new LinkedHashMap<>();
    if (!cache) {
      flags.put("cache", false);
    }
    if (persist) {
      flags.put("persist", true);
    }
    return flags;
  }

  private List<Object> outputs(Map<String, Map<String, Object>> options) {
    Map<String, Map<String, Object>> byPath = new TreeMap<>(PythonJson::compareCodePoints);
    options.forEach(
        (option, flags) -> call.values(option).forEach(path -> byPath.put(path, flags)));
    List<Object> outputs = new ArrayList<>();
    byPath.forEach((path, flags) -> outputs.add(flags.isEmpty() ? path : Map.of(path, flags)));
    return outputs;
  }

  /** {@code [file:]key,key}; a file without keys is meant as a whole. */
  private List<Object> params() {
    Map<String, TreeSet<String>> byFile = new TreeMap<>(PythonJson::compareCodePoints);
    for (String text : call.values("params")) {
      int colon = text.lastIndexOf(':');
      String file = colon < 0 ? DEFAULT_PARAMS : text.substring(0, colon);
      TreeSet<String> keys =
          byFile.computeIfAbsent(file, f -> new TreeSet<>(PythonJson::compareCodePoints));
      for (String key : text.substring(colon + 1).split(",")) {
        if (!key.isEmpty()) {
          keys.add(key);
        }
      }
    }
    List<Object> params = new ArrayList<>();
    TreeSet<String> usual = byFile.get(DEFAULT_PARAMS);
    if (usual != null && !usual.isEmpty()) {
      params.addAll(usual);
      byFile.remove(DEFAULT_PARAMS);
    }
    byFile.forEach(
        (file, keys) -> {
          Map<String, @Nullable Object> one = new LinkedHashMap<>();
          one.put(file, keys.isEmpty() ? null : List.copyOf(keys));
          params.add(one);
        });
    return params;
  }
}
