package io.revfs.dvc.lock;

import io.revfs.dvc.DvcFormatException;
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
 * it is, with its comments and order. Where the file has the form in which DVC writes it, a stage
 * costs the same however many others there are. Not thread-safe.
 */
public final class LockFileWriter {
  private static final String STAGES = "stages";

  private final String file;
  private String text;
  private Optional<LockSegments> segments;
  private boolean changed;

  private LockFileWriter(String file, String text) {
    this.file = file;
    this.text = text;
    this.segments = LockSegments.cut(text);
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
    YamlDocument document = document(file, text);
    if (document.value().isEmpty()) {
      document.apply(Map.of("schema", "2.0"));
    }
    return new LockFileWriter(file, document.toString());
  }

  private static YamlDocument document(String file, String text) throws DvcFormatException {
    try {
      return YamlDocument.parse(text);
    } catch (YamlSyntaxException e) {
      throw new DvcFormatException(file, 0, String.valueOf(e.getMessage()));
    }
  }

  /** Says what a stage was when it last ran. */
  public void put(String stage, LockEntry entry) throws DvcFormatException {
    Map<String, @Nullable Object> map = entry.toMap();
    if (segments.isPresent() && putSegment(segments.get(), stage, map)) {
      return;
    }
    YamlDocument document = document(file, toString());
    if (!map.equals(stages(document).get(stage))) {
      document.put(List.of(STAGES, stage), map);
      adopt(document);
    }
  }

  private boolean putSegment(LockSegments all, String stage, Map<String, @Nullable Object> map)
      throws DvcFormatException {
    Optional<String> known = all.document(stage);
    if (known.isEmpty()) {
      String fresh = YamlDocument.write(Map.of(STAGES, Map.of(stage, map)));
      changed |= all.put(stage, fresh);
      return all.document(stage).isPresent();
    }
    YamlDocument document = document(file, known.get());
    if (map.equals(stages(document).get(stage))) {
      return true;
    }
    document.put(List.of(STAGES, stage), map);
    boolean put = all.put(stage, document.toString());
    changed |= put;
    return put;
  }

  /** Says what one output of a stage is; the rest of the stage stays. */
  public void putOutput(String stage, String path, Map<String, @Nullable Object> output)
      throws DvcFormatException {
    YamlDocument document = document(file, toString());
    if (!(stages(document).get(stage) instanceof Map<?, ?> entry)
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
      adopt(document);
    }
  }

  private void adopt(YamlDocument document) {
    text = document.toString();
    segments = LockSegments.cut(text);
    changed = true;
  }

  /** Returns what stands in the file for a stage, as plain values; null if nothing does. */
  public @Nullable Object stage(String stage) throws DvcFormatException {
    if (segments.isEmpty()) {
      return stages(document(file, text)).get(stage);
    }
    Optional<String> known = segments.get().document(stage);
    return known.isEmpty() ? null : stages(document(file, known.get())).get(stage);
  }

  private static Map<String, @Nullable Object> stages(YamlDocument document) {
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

  /** Returns the file; what comes after counts as read from it. */
  public byte[] toBytes() {
    changed = false;
    return toString().getBytes(StandardCharsets.UTF_8);
  }

  @Override
  public String toString() {
    return segments.map(LockSegments::toString).orElse(text);
  }
}
