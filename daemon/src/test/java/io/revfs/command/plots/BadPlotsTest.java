package io.revfs.command.plots;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.revfs.testing.RecordedCall;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Plots that cannot be: one line each, and the others are shown. */
class BadPlotsTest extends PlotsProject {
  @Test
  void diff_whatIsMissingAtARevision_isSaidAndTheRestShown() throws IOException {
    data.git("rm", "-q", "eval/classes.json");
    data.commit("v2");
    RecordedCall call = run("plots diff", "json", true, "revisions", List.of("v1", "v2"));
    assertEquals(0, call.exit());
    assertEquals(json("[\"v1\"]"), call.json().at("/data/eval~1classes.json/0/revisions"));
    JsonNode error = call.json().at("/errors/0");
    assertEquals("eval/classes.json", error.get("name").asText());
    assertEquals("v2", error.get("rev").asText());
    assertEquals("FileNotFoundError", error.get("type").asText());
    assertEquals(1, call.json().get("errors").size(), call.json()::toString);
    assertTrue(call.warnings().getFirst().contains("'v2'"), call.warnings()::toString);
  }

  @Test
  void badTemplates_areOneLineEach_andTheOtherPlotsAreShown() throws IOException {
    data.write(".dvc/plots/hollow.json", "{\"mark\": \"line\"}");
    data.write(".dvc/plots/broken.json", "{\"mark\": ");
    data.write(".dvc/plots/list.json", "[]");
    for (Map.Entry<String, String> bad :
        Map.of(
                "hollow", "<DVC_METRIC_DATA>",
                "broken", "is no JSON: line 1",
                "list", "must be a JSON object",
                "nope", "Template 'nope' not found")
            .entrySet()) {
      RecordedCall call =
          run("plots show", "json", true, "targets", List.of("both"), "template", bad.getKey());
      assertEquals(1, call.exit(), bad.getKey());
      assertTrue(call.json().at("/errors/0/msg").asText().contains(bad.getValue()));
      assertEquals(0, call.json().at("/data/both").size());
    }
    data.write("dvc.yaml", "plots:\n- train.csv: {template: nope}\n- test.csv: {y: loss}\n");
    RecordedCall call = run("plots show", "json", true);
    assertEquals(1, call.exit());
    assertEquals(1, call.json().at("/data/test.csv").size());
    assertEquals("TemplateNotFoundError", call.json().at("/errors/0/type").asText());
  }

  @Test
  void badData_isOneLineEach() throws IOException {
    data.write("bad.json", "[{\"a\": 1}] and more");
    data.write("bad.yaml", "a: [");
    data.write("latin.csv", "placeholder");
    Files.write(
        repository.resolve("latin.csv"), "a\n\u00e9\n".getBytes(StandardCharsets.ISO_8859_1));
    data.write("text.md", "a,b\n");
    data.write("scalar.json", "7");
    data.write("short.csv", "x\n1\n");
    data.write("nan.json", "[{\"x\": 1, \"y\": NaN}, {\"x\": 2, \"y\": Infinity}]");
    data.write(
        "dvc.yaml",
        "plots:\n- joined: {x: {short.csv: x}, y: {train.csv: loss}}\n"
            + "- several: {x: {train.csv: [loss, acc]}, y: {train.csv: loss}}\n");
    Map<String, String> expected =
        Map.of(
            "bad.json", "JSONFileCorruptedError",
            "bad.yaml", "YAMLFileCorruptedError",
            "latin.csv", "EncodingError",
            "text.md", "PlotMetricTypeError",
            "absent.csv", "FileNotFoundError");
    for (Map.Entry<String, String> one : expected.entrySet()) {
      JsonNode answer = plots("targets", List.of(one.getKey()));
      assertEquals(one.getValue(), answer.at("/errors/0/type").asText(), answer::toString);
      assertEquals(one.getKey(), answer.at("/errors/0/source").asText());
      assertEquals(1, answer.at("/errors/0/msg").asText().lines().count());
    }
    assertTrue(message("targets", List.of("scalar.json"), "y", "a").contains("has no data points"));
    assertTrue(message("targets", List.of("test.csv"), "y", "nope").contains("('nope')"));
    assertTrue(message("targets", List.of("joined")).contains("Cannot join 'x' from 'short.csv'"));
    assertTrue(message("targets", List.of("several")).contains("x has 2 fields and y has 1"));
    JsonNode odd = plots("targets", List.of("nan.json")).at("/data/nan.json/0/content/data/values");
    assertTrue(odd.get(0).get("y").isDouble() && Double.isNaN(odd.get(0).get("y").asDouble()));
    assertTrue(Double.isInfinite(odd.get(1).get("y").asDouble()));
  }

  private String message(Object... pairs) {
    return plots(pairs).at("/errors/0/msg").asText();
  }

  @Test
  void damagedDefinitions_ofOneRevision_leaveTheOthers() throws IOException {
    data.write("dvc.yaml", "plots: [\n");
    data.commit("v2");
    RecordedCall call = run("plots diff", "json", true, "revisions", List.of("v1", "v2"));
    assertEquals(0, call.exit(), call.failure());
    assertEquals(json("[\"v1\"]"), call.json().at("/data/train.csv/0/revisions"));
    assertEquals("v2", call.json().at("/errors/0/rev").asText());
    assertEquals("YAMLFileCorruptedError", call.json().at("/errors/0/type").asText());
  }

  @Test
  void noPlots_isSaid() throws IOException {
    data.write("dvc.yaml", "plots: []\n");
    RecordedCall call = run("plots show");
    assertEquals(0, call.exit());
    assertTrue(call.warnings().getLast().contains("No plots were loaded"));
    assertFalse(Files.exists(repository.resolve("dvc_plots")));
    assertEquals("{}", run("plots show", "json", true).json().toString());
  }
}
