package io.revfs.experiment;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.revfs.dvc.Dependency;
import io.revfs.dvc.Output;
import io.revfs.metric.ErrorNames;
import io.revfs.metric.FileValues;
import io.revfs.metric.MetricsReader;
import io.revfs.metric.ParamsReader;
import io.revfs.metric.Revision;
import io.revfs.object.ObjectKey;
import io.revfs.stage.Dep;
import io.revfs.stage.Out;
import io.revfs.stage.Stage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * What people compare of a commit, or of the work tree: parameters, metrics, dependencies, outputs.
 * Kept as the JSON that DVC gives out, since most of it is only passed on. Immutable.
 */
public final class ExperimentValues {
  /** Python, and so DVC, writes numbers that JSON does not have. */
  private static final ObjectMapper JSON =
      JsonMapper.builder()
          .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
          .disable(JsonWriteFeature.WRITE_NAN_AS_STRINGS)
          .build();

  private final String json;
  private final boolean complete;

  private ExperimentValues(String json, boolean complete) {
    this.json = json;
    this.complete = complete;
  }

  /**
   * Reads them.
   *
   * @param paramsOfStages whether only parameters that stages depend on are wanted
   */
  public static ExperimentValues of(Revision revision, boolean paramsOfStages) throws IOException {
    Map<String, FileValues> params = ParamsReader.read(revision, List.of(), paramsOfStages);
    Map<String, FileValues> metrics = MetricsReader.read(revision, List.of());
    Map<String, Object> sections = new LinkedHashMap<>();
    sections.put("params", files(params));
    sections.put("metrics", files(metrics));
    sections.put("deps", dependencies(revision));
    sections.put("outs", outputs(revision));
    boolean complete =
        params.values().stream().allMatch(file -> file.error().isEmpty())
            && metrics.values().stream().allMatch(file -> file.error().isEmpty());
    return new ExperimentValues(JSON.writeValueAsString(sections), complete);
  }

  /** Returns what {@link #toBytes} was called on. */
  static ExperimentValues parse(byte[] bytes) {
    return new ExperimentValues(new String(bytes, StandardCharsets.UTF_8), true);
  }

  byte[] toBytes() {
    return json.getBytes(StandardCharsets.UTF_8);
  }

  /** Returns whether no file was missing or wrong: it will not be otherwise at the next look. */
  boolean isComplete() {
    return complete;
  }

  private static Map<String, Object> files(Map<String, FileValues> files) {
    Map<String, Object> section = new LinkedHashMap<>();
    files.forEach((path, file) -> section.put(path, file(path, file)));
    return section;
  }

  private static Map<String, @Nullable Object> file(String path, FileValues file) {
    Map<String, @Nullable Object> entry = new LinkedHashMap<>();
    file.error()
        .ifPresentOrElse(
            e -> entry.put("error", error(path, e)), () -> entry.put("data", file.value()));
    return entry;
  }

  /** Returns what went wrong as DVC's JSON says it, of a file or, if it is empty, as a whole. */
  static Map<String, String> error(String file, IOException e) {
    Map<String, String> error = new LinkedHashMap<>();
    error.put("msg", String.valueOf(e.getMessage()));
    error.put("type", ErrorNames.of(file, e));
    return error;
  }

  private static Map<String, Object> dependencies(Revision revision) {
    Map<String, Object> section = new LinkedHashMap<>();
    for (Stage stage : revision.stages().stages()) {
      for (Dep dep : stage.deps()) {
        boolean listed =
            switch (dep.place().kind()) {
              case PROJECT, OUTSIDE, URL -> !dep.isFromRepository();
              case DATASET -> false;
            };
        if (listed) {
          section.put(dep.path(), dependency(dep));
        }
      }
    }
    return section;
  }

  private static Map<String, @Nullable Object> dependency(Dep dep) {
    Optional<Dependency> source = dep.source();
    Optional<Output> recorded = dep.recorded();
    Optional<String> hash =
        dep.key().map(ObjectKey::name).or(() -> source.flatMap(Dependency::etag));
    OptionalLong size =
        recorded
            .map(Output::size)
            .or(() -> source.map(Dependency::size))
            .orElse(OptionalLong.empty());
    OptionalLong files = recorded.map(Output::fileCount).orElse(OptionalLong.empty());
    return hashed(hash, size, files);
  }

  private static Map<String, @Nullable Object> hashed(
      Optional<String> hash, OptionalLong size, OptionalLong files) {
    Map<String, @Nullable Object> entry = new LinkedHashMap<>();
    entry.put("hash", hash.orElse(null));
    entry.put("size", size.isPresent() ? (Long) size.getAsLong() : null);
    entry.put("nfiles", files.isPresent() ? (Long) files.getAsLong() : null);
    return entry;
  }

  private static Map<String, Object> outputs(Revision revision) {
    Map<String, Object> section = new LinkedHashMap<>();
    for (Stage stage : revision.stages().stages()) {
      for (Out out : stage.outs()) {
        if (!out.isMetric() && !out.isPlot()) {
          Map<String, @Nullable Object> entry =
              hashed(out.key().map(ObjectKey::name), out.size(), out.recorded().fileCount());
          entry.put("use_cache", out.cached());
          entry.put("is_data_source", stage.command().isEmpty());
          section.put(out.path(), entry);
        }
      }
    }
    return section;
  }

  /** Returns the same without metrics: those of a commit that was not run are another's. */
  public ExperimentValues withoutMetrics() {
    try {
      ObjectNode all = (ObjectNode) JSON.readTree(json);
      all.putObject("metrics");
      return new ExperimentValues(JSON.writeValueAsString(all), complete);
    } catch (JsonProcessingException e) {
      throw new UncheckedIOException(e); // it was written here
    }
  }

  /** Returns the entries of the JSON object, without its braces. */
  String members() {
    return json.substring(1, json.length() - 1);
  }

  /** Returns a section by file, or by path: each a map, with {@code data} or {@code error}. */
  public Sections sections() {
    try {
      return JSON.readValue(json, Sections.class);
    } catch (JsonProcessingException e) {
      throw new UncheckedIOException(e); // it was written here
    }
  }

  /** The values as plain maps, lists, texts, numbers. */
  public record Sections(
      Map<String, Map<String, @Nullable Object>> params,
      Map<String, Map<String, @Nullable Object>> metrics,
      Map<String, Map<String, @Nullable Object>> deps,
      Map<String, Map<String, @Nullable Object>> outs) {}
}
