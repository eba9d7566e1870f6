package io.revfs.dvc;

import io.revfs.text.YamlDocument;
import io.revfs.text.YamlSyntaxException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A {@code dvc.lock} that is written: entries of stages are replaced as a whole, all else stays as
 * it is, with its comments and order. Not thread-safe.
 */
public final class LockFileWriter {
  private static final String STAGES = "stages";

  private final YamlDocument document;
  private boolean changed;

  private LockFileWriter(YamlDocument document) {
    this.document = document;
  }

  /**
   * Reads the file.
   *
   * @param file its path, for messages
   * @param content empty if there is no file yet
   * @throws DvcFormatException if it is none that may be written
   */
  public static LockFileWriter of(String file, Optional<byte[]> content) throws DvcFormatException {
    String text = content.map(bytes -> new String(bytes, StandardCharsets.UTF_8)).orElse("");
    if (content.isPresent()) {
      var unused = DvcLock.parse(file, content.get());
    }
    try {
      YamlDocument document = YamlDocument.parse(text);
      if (document.value().isEmpty()) {
        document.apply(Map.of("schema", "2.0"));
      }
      return new LockFileWriter(document);
    } catch (YamlSyntaxException e) {
      throw new DvcFormatException(file, 0, String.valueOf(e.getMessage()));
    }
  }

  /** Says what a stage was when it last ran. */
  public void put(String stage, LockEntry entry) {
    Map<String, @Nullable Object> map = entry.toMap();
    if (!map.equals(stages().get(stage))) {
      document.put(List.of(STAGES, stage), map);
      changed = true;
    }
  }

  /** Says what one output of a stage is; the rest of the stage stays. */
  public void putOutput(String stage, String path, Map<String, @Nullable Object> output) {
    if (!(stages().get(stage) instanceof Map<?, ?> entry)
        || !(entry.get("outs") instanceof List<?> outs)) {
      return;
    }
    List<Object> now = new ArrayList<>();
    for (Object one : outs) {
      boolean same = one instanceof Map<?, ?> map && path.equals(map.get("path"));
      now.add(same ? output : one);
    }
    if (!now.equals(outs)) {
      document.put(List.of(STAGES, stage, "outs"), now);
      changed = true;
    }
  }

  /** Returns what stands in the file for each stage, as plain values. */
  public Map<String, @Nullable Object> stages() {
    Map<String, @Nullable Object> stages = new LinkedHashMap<>();
    if (document.value().get(STAGES) instanceof Map<?, ?> map) {
      map.forEach((name, value) -> stages.put(String.valueOf(name), value));
    }
    return stages;
  }

  /** Returns whether anything is other than it was read. */
  public boolean isChanged() {
    return changed;
  }

  /** Returns the file. */
  public byte[] toBytes() {
    return document.toString().getBytes(StandardCharsets.UTF_8);
  }
}
