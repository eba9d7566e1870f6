package io.revfs.command.plots;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.revfs.plot.Plot;
import io.revfs.plot.PlotProblem;
import io.revfs.plot.PlotSet;
import io.revfs.plot.report.Report;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Plots as DVC's {@code --json} has them. */
final class PlotsJson {
  private static final ObjectMapper JSON =
      JsonMapper.builder().disable(JsonWriteFeature.WRITE_NAN_AS_STRINGS).build();

  private final Path directory;

  /**
   * @param directory where pictures are written
   */
  PlotsJson(Path directory) {
    this.directory = directory;
  }

  /** Returns a value as one line of JSON, NaN as Python writes it. */
  static String text(Object value) throws JsonProcessingException {
    return JSON.writeValueAsString(value);
  }

  /** Returns the answer; pictures are written, since programs are told where they are. */
  Map<String, Object> of(PlotSet set, Report report, boolean split) throws IOException {
    Map<String, Report.Drawn> drawn = new LinkedHashMap<>();
    report.charts().forEach(chart -> drawn.put(chart.chart().name(), chart));
    Map<String, Object> data = new LinkedHashMap<>();
    for (Plot plot : set.plots()) {
      data.put(
          plot.name(),
          switch (plot) {
            case Plot.Chart chart -> {
              Report.Drawn one = drawn.get(chart.name());
              yield one == null ? List.of() : List.of(chart(one, split));
            }
            case Plot.Pictures pictures -> pictures(pictures);
          });
    }
    List<Map<String, String>> errors = errors(report.problems());
    Map<String, Object> answer = new LinkedHashMap<>();
    if (!errors.isEmpty()) {
      answer.put("errors", errors);
    }
    if (!data.isEmpty()) {
      answer.put("data", data);
    }
    return answer;
  }

  private static Map<String, @Nullable Object> chart(Report.Drawn drawn, boolean split) {
    Map<String, @Nullable Object> chart = new LinkedHashMap<>();
    chart.put("type", "vega");
    chart.put("revisions", drawn.chart().revisions());
    chart.put("content", drawn.spec().content());
    if (split) {
      chart.put("anchor_definitions", drawn.spec().left());
    }
    return chart;
  }

  private List<Map<String, Object>> pictures(Plot.Pictures pictures) throws IOException {
    List<Map<String, Object>> shown = new ArrayList<>();
    for (Plot.Picture picture : pictures.pictures()) {
      Map<String, Object> one = new LinkedHashMap<>();
      one.put("type", "image");
      one.put("revisions", List.of(picture.revision()));
      one.put("url", write(directory, picture).toString());
      shown.add(one);
    }
    return shown;
  }

  /** Writes a picture under the name that DVC gives it; returns where. */
  static Path write(Path directory, Plot.Picture picture) throws IOException {
    Files.createDirectories(directory);
    String name = (picture.revision() + "_" + picture.file()).replace('/', '_');
    Path file = directory.resolve(name);
    Files.write(file, picture.bytes());
    return file;
  }

  private static List<Map<String, String>> errors(Map<String, List<PlotProblem>> problems) {
    List<Map<String, String>> errors = new ArrayList<>();
    problems.forEach(
        (name, own) ->
            own.forEach(
                problem -> {
                  Map<String, String> error = new LinkedHashMap<>();
                  if (!name.isEmpty()) {
                    error.put("name", name);
                  }
                  error.put("rev", problem.revision());
                  if (!problem.source().isEmpty()) {
                    error.put("source", problem.source());
                  }
                  error.put("type", problem.type());
                  error.put("msg", problem.message());
                  errors.add(error);
                }));
    return errors;
  }
}
