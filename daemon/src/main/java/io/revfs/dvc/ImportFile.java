package io.revfs.dvc;

import io.revfs.text.YamlDocument;
import io.revfs.text.YamlSyntaxException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The {@code .dvc} file of an import (FORMATS, section 5): one dependency, one output, and a
 * checksum over both. What is in a file that was there stays: its comments, its order, what people
 * said of it. Not thread-safe.
 */
public final class ImportFile {
  private final Optional<YamlDocument> document;
  private final Map<String, @Nullable Object> value;

  private ImportFile(Optional<YamlDocument> document, Map<String, @Nullable Object> value) {
    this.document = document;
    this.value = value;
  }

  /** Returns the file of a new import, whose data is not known yet. */
  public static ImportFile fresh(Map<String, ?> dependency, String outputPath) {
    Map<String, @Nullable Object> value = new LinkedHashMap<>();
    value.put("frozen", true);
    value.put("deps", List.of(dependency));
    value.put("outs", List.of(DvcFileWriter.entry(Output.unknown(outputPath, 0))));
    return new ImportFile(Optional.empty(), value);
  }

  /**
   * Reads one.
   *
   * @param file its path, for messages
   * @throws DvcFormatException if it is not as the file of an import must be
   */
  public static ImportFile parse(String file, byte[] content) throws DvcFormatException {
    YamlDocument document;
    try {
      document = YamlDocument.parse(new String(content, StandardCharsets.UTF_8));
    } catch (YamlSyntaxException e) {
      throw new DvcFormatException(file, 0, String.valueOf(e.getMessage()));
    }
    Map<String, @Nullable Object> value = document.value();
    if (single(value, "deps").isEmpty() || single(value, "outs").isEmpty()) {
      throw new DvcFormatException(file, 0, "an import has one of 'deps' and one of 'outs'");
    }
    return new ImportFile(Optional.of(document), value);
  }

  /** Returns a fresh import that is written over a file, of which what people said stays. */
  public ImportFile over(ImportFile before) {
    Map<String, @Nullable Object> merged = new LinkedHashMap<>(value);
    for (String key : List.of("desc", "meta")) {
      if (before.value.containsKey(key)) {
        merged.put(key, before.value.get(key));
      }
    }
    Map<String, @Nullable Object> output = new LinkedHashMap<>(output());
    for (String key : List.of("desc", "type", "labels", "meta", "remote", "push")) {
      if (before.output().containsKey(key)) {
        output.put(key, before.output().get(key));
      }
    }
    merged.put("outs", List.of(output));
    return new ImportFile(before.document, merged);
  }

  /** Returns what it says of its source. */
  public Map<String, @Nullable Object> dependency() {
    return single(value, "deps").orElseThrow();
  }

  private Map<String, @Nullable Object> output() {
    return single(value, "outs").orElseThrow();
  }

  private static Optional<Map<String, @Nullable Object>> single(Map<String, ?> map, String key) {
    if (map.get(key) instanceof List<?> list
        && list.size() == 1
        && list.getFirst() instanceof Map<?, ?> only) {
      Map<String, @Nullable Object> copy = new LinkedHashMap<>();
      only.forEach((name, said) -> copy.put(String.valueOf(name), said));
      return Optional.of(copy);
    }
    return Optional.empty();
  }

  /** Says other things of its source. */
  public void setDependency(Map<String, ?> dependency) {
    value.put("deps", List.of(dependency));
  }

  /** Says what the output holds now; {@code output}'s path and settings are not looked at. */
  public void setOutput(Output output) {
    Map<String, @Nullable Object> entry = new LinkedHashMap<>(DvcFileWriter.recorded(output));
    output()
        .forEach(
            (key, said) -> {
              if (!DvcFileWriter.RECORDED.contains(key)) {
                entry.put(key, said);
              }
            });
    value.put("outs", List.of(entry));
  }

  /** Says that the output is never pushed: its source keeps all versions. */
  public void setNotPushed() {
    Map<String, @Nullable Object> entry = output();
    entry.put("push", false);
    value.put("outs", List.of(entry));
  }

  /** Returns whether the checksum in it is not the one over what it says now. */
  public boolean isSumChanged() {
    return !StageChecksum.of(value).equals(String.valueOf(value.get("md5")));
  }

  /** Sets the checksum over what it says now. */
  public void sum() {
    String sum = StageChecksum.of(value);
    if (value.containsKey("md5") || document.isPresent()) {
      value.put("md5", sum);
      return;
    }
    Map<String, @Nullable Object> rest = new LinkedHashMap<>(value);
    value.clear();
    value.put("md5", sum);
    value.putAll(rest);
  }

  /** Returns the file. */
  public byte[] toBytes() {
    if (document.isEmpty()) {
      return YamlDocument.write(value).getBytes(StandardCharsets.UTF_8);
    }
    document.get().apply(value);
    return document.get().toString().getBytes(StandardCharsets.UTF_8);
  }
}
