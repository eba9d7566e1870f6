package io.revfs.metric;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.dataformat.toml.TomlMapper;
import io.revfs.dvc.DvcFormatException;
import io.revfs.dvc.YamlMap;
import io.revfs.dvc.YamlValues;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.nodes.Node;

/**
 * Files of values by their ending: {@code .json}, {@code .toml}, {@code .py}; all else is YAML.
 * What is read are plain values: maps, lists, text, Long or BigInteger, Double, booleans, null.
 */
public final class ValueFiles {
  /** Python's parser takes NaN and Infinity. */
  private static final ObjectMapper JSON =
      JsonMapper.builder()
          .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  private static final ObjectMapper TOML = new TomlMapper();

  private ValueFiles() {}

  /**
   * Returns what a file holds.
   *
   * @throws DvcFormatException if it does not follow its format
   */
  public static @Nullable Object parse(String file, byte[] content) throws IOException {
    String name = file.toLowerCase(Locale.ROOT);
    try {
      if (name.endsWith(".toml")) {
        return plain(TOML.readValue(content, Object.class));
      }
      if (name.endsWith(".json")) {
        return plain(JSON.readValue(content, Object.class));
      }
    } catch (JsonProcessingException e) {
      int line = e.getLocation() == null ? 0 : e.getLocation().getLineNr();
      throw new DvcFormatException(file, line, e.getOriginalMessage());
    }
    if (name.endsWith(".py")) {
      return PythonConstants.parse(file, content);
    }
    Optional<Node> root = YamlMap.compose(file, content);
    Object value = root.isEmpty() ? null : YamlValues.of(file, root.get());
    return value == null ? new LinkedHashMap<>() : value;
  }

  /** Returns what a file of parameters holds, which must be a map. */
  public static Map<String, @Nullable Object> parameters(String file, byte[] content)
      throws IOException {
    Object value = parse(file, content);
    if (value instanceof Map<?, ?> map) {
      Map<String, @Nullable Object> result = new LinkedHashMap<>();
      map.forEach((key, item) -> result.put(String.valueOf(key), item));
      return result;
    }
    throw new DvcFormatException(file, 1, "a map of parameters is expected");
  }

  private static @Nullable Object plain(@Nullable Object value) {
    return switch (value) {
      case Integer number -> number.longValue();
      case Map<?, ?> map -> {
        Map<String, @Nullable Object> result = new LinkedHashMap<>();
        map.forEach((key, item) -> result.put(String.valueOf(key), plain(item)));
        yield result;
      }
      case java.util.List<?> list -> {
        java.util.List<@Nullable Object> result = new java.util.ArrayList<>();
        list.forEach(item -> result.add(plain(item)));
        yield result;
      }
      case null -> null;
      case String text -> text;
      case Number number -> number;
      case Boolean flag -> flag;
      default -> value.toString(); // TOML's dates
    };
  }
}
