package io.revfs.experiment.override;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Overrides of a call by the file of parameters that they change. */
public final class Overrides {
  /** The file that is meant where none is named. */
  public static final String DEFAULT_FILE = "params.yaml";

  private static final int MOST = 100_000;

  private Overrides() {}

  /**
   * Returns overrides by file.
   *
   * @param settings {@code [file:]key=value} each
   */
  public static Map<String, List<String>> byFile(List<String> settings) {
    Map<String, List<String>> files = new LinkedHashMap<>();
    for (String setting : settings) {
      int equals = setting.indexOf('=');
      int colon = (equals < 0 ? setting : setting.substring(0, equals)).indexOf(':');
      String file = colon < 0 ? DEFAULT_FILE : setting.substring(0, colon);
      files.computeIfAbsent(file, f -> new ArrayList<>()).add(setting.substring(colon + 1));
    }
    return files;
  }

  /** Reads all of a file's. */
  public static List<ParamOverride> parse(List<String> overrides) throws OverrideException {
    List<ParamOverride> parsed = new ArrayList<>();
    for (String override : overrides) {
      parsed.add(OverrideParser.parse(override));
    }
    return parsed;
  }

  /** Returns whether any stands for several experiments. */
  public static boolean isSweep(Map<String, List<String>> files) throws OverrideException {
    boolean sweep = false;
    for (List<String> overrides : files.values()) {
      for (ParamOverride override : parse(overrides)) {
        sweep |= override.isSweep();
      }
    }
    return sweep;
  }

  /** Returns the overrides of each experiment of a grid; the last one's values change fastest. */
  public static List<Map<String, List<String>>> grid(Map<String, List<String>> files)
      throws OverrideException {
    List<Map<String, List<String>>> grid = new ArrayList<>(List.of(Map.of()));
    for (Map.Entry<String, List<String>> file : files.entrySet()) {
      if (file.getValue().isEmpty()) {
        grid = with(grid, file.getKey(), List.of());
      }
      for (ParamOverride override : parse(file.getValue())) {
        grid = with(grid, file.getKey(), override.each());
      }
    }
    return grid;
  }

  private static List<Map<String, List<String>>> with(
      List<Map<String, List<String>>> grid, String file, List<String> each)
      throws OverrideException {
    if ((long) grid.size() * each.size() > MOST) {
      throw new OverrideException(
          "this makes more than " + MOST + " experiments", "give fewer values");
    }
    List<Map<String, List<String>>> wider = new ArrayList<>();
    for (Map<String, List<String>> one : grid) {
      if (each.isEmpty()) {
        wider.add(added(one, file, List.of()));
      }
      for (String override : each) {
        wider.add(added(one, file, List.of(override)));
      }
    }
    return wider;
  }

  private static Map<String, List<String>> added(
      Map<String, List<String>> one, String file, List<String> more) {
    Map<String, List<String>> copy = new LinkedHashMap<>(one);
    List<String> all = new ArrayList<>(copy.getOrDefault(file, List.of()));
    all.addAll(more);
    copy.put(file, all);
    return copy;
  }
}
