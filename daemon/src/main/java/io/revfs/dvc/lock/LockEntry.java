package io.revfs.dvc.lock;

import io.revfs.dvc.DvcFileWriter;
import io.revfs.dvc.Output;
import io.revfs.object.Digest;
import io.revfs.object.ObjectKey;
import io.revfs.text.PythonJson;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One stage of {@code dvc.lock} as it is written (FORMATS, section 6), which is also an entry of
 * the run cache (section 7).
 *
 * @param command text or a list
 * @param dependencies sorted by path
 * @param parameters by file, then by dotted key
 * @param outputs sorted by path
 */
public record LockEntry(
    Object command,
    List<Map<String, @Nullable Object>> dependencies,
    Map<String, Map<String, @Nullable Object>> parameters,
    List<Map<String, @Nullable Object>> outputs) {
  private static final String DEFAULT_PARAMS = "params.yaml";
  private static final Set<String> NOT_SUMMED = Set.of("size", "nfiles");

  /** Sorts what it is given. */
  public LockEntry {
    dependencies = sorted(dependencies);
    outputs = sorted(outputs);
    Map<String, Map<String, @Nullable Object>> files = new LinkedHashMap<>();
    List<String> names = new ArrayList<>(parameters.keySet());
    names.sort(
        (a, b) ->
            a.equals(DEFAULT_PARAMS) == b.equals(DEFAULT_PARAMS)
                ? PythonJson.compareCodePoints(a, b)
                : a.equals(DEFAULT_PARAMS) ? -1 : 1);
    for (String name : names) {
      Map<String, @Nullable Object> values = parameters.getOrDefault(name, Map.of());
      List<String> keys = new ArrayList<>(values.keySet());
      keys.sort(PythonJson::compareCodePoints);
      Map<String, @Nullable Object> ordered = new LinkedHashMap<>();
      keys.forEach(key -> ordered.put(key, values.get(key)));
      files.put(name, ordered);
    }
    parameters = files;
  }

  private static List<Map<String, @Nullable Object>> sorted(
      List<Map<String, @Nullable Object>> entries) {
    List<Map<String, @Nullable Object>> sorted = new ArrayList<>(entries);
    sorted.sort((a, b) -> PythonJson.compareCodePoints(path(a), path(b)));
    return List.copyOf(sorted);
  }

  private static String path(Map<String, @Nullable Object> entry) {
    return String.valueOf(entry.get("path"));
  }

  /** Returns an output, or a dependency on a file, as an entry has it. */
  public static Map<String, @Nullable Object> of(Output output) {
    Map<String, @Nullable Object> entry = new LinkedHashMap<>();
    entry.put("path", output.path());
    Optional<ObjectKey> key = output.key();
    if (key.isEmpty() || key.get().digest().algorithm() != Digest.Algorithm.MD5_DOS2UNIX) {
      entry.put("hash", "md5");
    }
    DvcFileWriter.recorded(output)
        .forEach(
            (name, value) -> {
              if (!name.equals("hash")) {
                entry.put(name, value);
              }
            });
    return entry;
  }

  /** Returns the map that stands in the file. */
  public Map<String, @Nullable Object> toMap() {
    Map<String, @Nullable Object> map = new LinkedHashMap<>();
    map.put("cmd", command);
    if (!dependencies.isEmpty()) {
      map.put("deps", dependencies);
    }
    if (!parameters.isEmpty()) {
      map.put("params", parameters);
    }
    if (!outputs.isEmpty()) {
      map.put("outs", outputs);
    }
    return map;
  }

  /** Returns the name that runs with the same command, dependencies and parameters share. */
  public String runKey() {
    Map<String, @Nullable Object> map = toMap();
    map.put("outs", outputs.stream().map(LockEntry::path).toList());
    return sum(map);
  }

  /** Returns the name of a run among those. */
  public String runValue() {
    return sum(toMap());
  }

  /** Returns whether an entry of a file says the same, whatever it says of sizes. */
  public boolean isSame(Map<?, ?> recorded) {
    return java.util.Objects.equals(summed(toMap()), summed(recorded));
  }

  private static String sum(Map<String, @Nullable Object> map) {
    byte[] json = PythonJson.of(summed(map)).getBytes(StandardCharsets.US_ASCII);
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(json));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e); // every JDK has it
    }
  }

  private static @Nullable Object summed(@Nullable Object value) {
    return switch (value) {
      case List<?> list -> {
        List<@Nullable Object> items = new ArrayList<>();
        list.forEach(item -> items.add(summed(item)));
        yield items;
      }
      case Map<?, ?> map -> {
        Map<String, @Nullable Object> entries = new LinkedHashMap<>();
        map.forEach(
            (key, of) -> {
              if (!NOT_SUMMED.contains(String.valueOf(key))) {
                entries.put(String.valueOf(key), summed(of));
              }
            });
        yield entries;
      }
      case null, default -> value;
    };
  }
}
