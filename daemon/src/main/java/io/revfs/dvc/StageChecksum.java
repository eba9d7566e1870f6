package io.revfs.dvc;

import io.revfs.object.Digest;
import io.revfs.object.Hasher;
import io.revfs.text.PythonJson;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The {@code md5} at the top of a {@code .dvc} file that imports: of what the file says itself. */
public final class StageChecksum {
  private static final Set<String> NOT_AT_TOP = Set.of("md5", "meta", "desc");
  private static final Set<String> NOWHERE =
      Set.of(
          "desc", "type", "labels", "meta", "locked", "frozen", "metric", "persist", "isexec",
          "size", "nfiles");

  private StageChecksum() {}

  /** Returns the checksum of a file's content, which may have one already. */
  public static String of(Map<String, ? extends @Nullable Object> file) {
    Map<String, @Nullable Object> counted = new LinkedHashMap<>();
    file.forEach(
        (key, value) -> {
          boolean usual = (key.equals("wdir") && ".".equals(value)) || isNothing(value);
          if (!NOT_AT_TOP.contains(key) && !NOWHERE.contains(key) && !usual) {
            counted.put(key, counted(value));
          }
        });
    byte[] json = PythonJson.of(counted).getBytes(StandardCharsets.US_ASCII);
    Hasher hasher = Hasher.of(Digest.Algorithm.MD5, json.length).orElseThrow();
    hasher.update(ByteBuffer.wrap(json));
    return hasher.finish().hex();
  }

  /** DVC does not write what says nothing, so it does not count either. */
  private static boolean isNothing(@Nullable Object value) {
    return value == null
        || Boolean.FALSE.equals(value)
        || "".equals(value)
        || (value instanceof List<?> list && list.isEmpty())
        || (value instanceof Map<?, ?> map && map.isEmpty());
  }

  private static @Nullable Object counted(@Nullable Object value) {
    if (value instanceof Map<?, ?> map) {
      Map<String, @Nullable Object> counted = new LinkedHashMap<>();
      map.forEach(
          (key, below) -> {
            String name = String.valueOf(key);
            boolean usual =
                (name.equals("cache") || name.equals("push")) && Boolean.TRUE.equals(below);
            boolean digits = name.equals("md5") && below instanceof Number;
            if (!NOWHERE.contains(name) && !usual) {
              counted.put(name, digits ? String.valueOf(below) : counted(below));
            }
          });
      return counted;
    }
    if (value instanceof List<?> list) {
      List<@Nullable Object> counted = new ArrayList<>();
      list.forEach(item -> counted.add(counted(item)));
      return counted;
    }
    return value;
  }
}
