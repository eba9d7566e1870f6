package io.revfs.plot.vega;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.revfs.plot.PlotException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Templates by name: people's own in {@code .dvc/plots}, files, and those that are built in, in
 * this order. Not thread-safe.
 */
public final class Templates {
  /** Names of those that are built in. */
  public static final List<String> BUILT_IN =
      List.of(
          "simple",
          "linear",
          "confusion",
          "confusion_normalized",
          "scatter",
          "scatter_jitter",
          "smooth",
          "bar_horizontal_sorted",
          "bar_horizontal");

  private static final String DEFAULT = "linear";
  private static final String SUFFIX = ".json";
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Optional<Path> own;
  private final Path here;
  private final Map<String, Template> read = new LinkedHashMap<>();

  /**
   * @param own where a project has its own; empty without one
   * @param here the caller's directory, which names of files are relative to
   */
  public Templates(Optional<Path> own, Path here) {
    this.own = own;
    this.here = here;
  }

  /**
   * Returns a template.
   *
   * @param name empty for the default one
   * @throws PlotException if there is none, or the file is none
   */
  public Template named(Optional<String> name) throws IOException {
    String wanted = name.orElse(DEFAULT);
    Template known = read.get(wanted);
    if (known == null) {
      known = find(wanted);
      read.put(wanted, known);
    }
    return known;
  }

  private Template find(String name) throws IOException {
    Optional<Path> file = file(name);
    if (file.isPresent()) {
      return new Template(name, parse(name, file.get()));
    }
    if (!BUILT_IN.contains(name)) {
      throw new PlotException(
          "TemplateNotFoundError",
          "Template '%s' not found: name a file, one in .dvc/plots, or one of %s"
              .formatted(name, String.join(", ", BUILT_IN)));
    }
    return builtIn(name);
  }

  /** Returns one that is built in. */
  public static Template builtIn(String name) throws IOException {
    try (InputStream in =
        Objects.requireNonNull(Templates.class.getResourceAsStream(name + SUFFIX))) {
      return new Template(name, map(JSON.readValue(in, Object.class)));
    }
  }

  private Optional<Path> file(String name) {
    try {
      if (own.isPresent()) {
        Path file = own.get().resolve(name);
        Path suffixed = file.resolveSibling(withoutSuffix(file) + SUFFIX);
        for (Path candidate : List.of(file, suffixed)) {
          if (Files.isRegularFile(candidate)) {
            return Optional.of(candidate);
          }
        }
      }
      return Optional.of(here.resolve(name)).filter(Files::isRegularFile);
    } catch (InvalidPathException e) {
      return Optional.empty();
    }
  }

  private static String withoutSuffix(Path file) {
    String last = String.valueOf(file.getFileName());
    int dot = last.lastIndexOf('.');
    return dot <= 0 ? last : last.substring(0, dot);
  }

  private static Map<String, @Nullable Object> parse(String name, Path file) throws IOException {
    try {
      if (JSON.readValue(Files.readAllBytes(file), Object.class) instanceof Map<?, ?> map) {
        return map(map);
      }
    } catch (JsonProcessingException e) {
      int line = e.getLocation() == null ? 0 : e.getLocation().getLineNr();
      throw new PlotException(
          "BadTemplateError",
          "Template '%s' is no JSON: line %d: %s".formatted(name, line, e.getOriginalMessage()));
    }
    throw new PlotException(
        "BadTemplateError", "Template '" + name + "' must be a JSON object of Vega or Vega-Lite");
  }

  private static Map<String, @Nullable Object> map(@Nullable Object value) {
    Map<String, @Nullable Object> result = new LinkedHashMap<>();
    if (value instanceof Map<?, ?> map) {
      map.forEach((key, item) -> result.put(String.valueOf(key), item));
    }
    return result;
  }
}
