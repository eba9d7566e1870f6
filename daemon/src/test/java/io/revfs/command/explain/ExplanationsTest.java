package io.revfs.command.explain;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.revfs.testing.DvcProject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code --explain}: each stage with what differs and its two values. */
class ExplanationsTest {
  @TempDir Path directory;
  private DvcProject project;

  @BeforeEach
  void make() throws IOException {
    project = DvcProject.make(directory);
    project.write("raw/a", "1\n");
    project.write("raw/b", "2\n");
    project.add("raw");
    project.write("params.yaml", "lr: 0.1\ndeep:\n  size: 3\n  name: x\n");
    project.write("more.json", "{\"k\": [1]}");
    project.write(
        "dvc.yaml",
        """
        stages:
          prepare:
            cmd: cat raw/* > all.txt
            deps: [raw]
            outs: [all.txt]
          train:
            cmd: cat all.txt > model
            deps: [all.txt]
            params: [lr, deep.size, {more.json: null}]
            outs: [model]
          report:
            cmd: cat model > report
            deps: [model]
            outs: [report]
        """);
  }

  @AfterEach
  void close() {
    project.close();
  }

  private Map<String, String> decisions(JsonNode explained) {
    Map<String, String> decisions = new LinkedHashMap<>();
    explained.forEach(
        one -> decisions.put(one.path("stage").asText(), one.path("decision").asText()));
    return decisions;
  }

  private JsonNode dry(Object... more) {
    Object[] pairs = new Object[more.length + 4];
    System.arraycopy(new Object[] {"dry", true, "explain", true}, 0, pairs, 0, 4);
    System.arraycopy(more, 0, pairs, 4, more.length);
    return project.run("repro", pairs).json();
  }

  private static JsonNode reasons(JsonNode explained, String stage) {
    for (JsonNode one : explained) {
      if (one.path("stage").asText().equals(stage)) {
        return one.path("reasons");
      }
    }
    throw new AssertionError(stage);
  }

  @Test
  void neverRun_runs_andWhatNeedsItMayOrMust() throws IOException {
    JsonNode explained = dry();
    assertEquals(
        "{raw.dvc=up to date, prepare=runs, train=runs, report=runs}",
        decisions(explained).toString());
    assertEquals("never-run", reasons(explained, "train").path(0).path("kind").asText());
    assertFalse(project.has("all.txt"));
    assertFalse(project.has("dvc.lock"));
    project.ok("repro");
    assertEquals(
        "{raw.dvc=up to date, prepare=up to date, train=up to date, report=up to date}",
        decisions(dry()).toString());
  }

  @Test
  void aParameter_isNamedWithBothValues() throws IOException {
    project.ok("repro");
    project.write("params.yaml", "lr: 0.2\ndeep:\n  size: 3\n  name: y\n");
    project.write("more.json", "{\"k\": [1, 2], \"l\": null}");
    JsonNode explained = dry();
    assertEquals(
        "{raw.dvc=up to date, prepare=up to date, train=runs, report=may run}",
        decisions(explained).toString());
    assertEquals(
        "[{\"kind\":\"parameter\",\"what\":\"params.yaml:lr\",\"recorded\":0.1,\"now\":0.2},"
            + "{\"kind\":\"parameter\",\"what\":\"more.json:k\",\"recorded\":[1],\"now\":[1,2]},"
            + "{\"kind\":\"parameter\",\"what\":\"more.json:l\",\"now\":null}]",
        reasons(explained, "train").toString());
    assertEquals("model", reasons(explained, "report").path(0).path("what").asText());
    String text = project.run("repro", "dry", true, "explain", true).out();
    assertTrue(text.contains("train: runs\n  params.yaml:lr: was 0.1, is 0.2\n"), text);
    assertTrue(text.contains("  more.json:l: was absent, is null\n"), text);
    assertTrue(text.contains("report: may run\n  model: comes from train, and may"), text);
    String ran = project.ok("repro", "explain", true);
    assertTrue(ran.contains("  params.yaml:lr: was 0.1, is 0.2\n"), ran);
    assertTrue(ran.contains("Stage 'report' didn't change, skipping"), ran);
  }

  @Test
  void aFileOfADirectory_isNamedWithBothHashes() throws IOException {
    project.ok("repro");
    project.write("raw/a", "new\n");
    project.write("raw/c", "3\n");
    Files.delete(project.path("raw/b"));
    JsonNode explained = project.run("status", "explain", true).json();
    assertEquals(
        "{raw.dvc=recorded, prepare=runs, train=may run, report=may run}",
        decisions(explained).toString());
    JsonNode reasons = reasons(explained, "prepare");
    assertEquals("raw", reasons.path(0).path("what").asText());
    assertTrue(reasons.path(0).path("recorded").asText().endsWith(".dir"));
    assertEquals("raw/a", reasons.path(1).path("what").asText());
    assertEquals("b026324c6904b2a9cb4b88d6d61c81d1", reasons.path(1).path("recorded").asText());
    assertEquals(
        project.sh("md5sum < raw/a").substring(0, 32), reasons.path(1).path("now").asText());
    assertEquals("gone", reasons.path(2).path("note").asText());
    assertEquals("raw/b", reasons.path(2).path("what").asText());
    assertEquals("new", reasons.path(3).path("note").asText());
  }

  @Test
  void outputsThatAreKnown_areRestored_andDecideWhatComesAfter() throws IOException {
    project.ok("repro");
    project.sh("rm all.txt model");
    JsonNode explained = dry();
    assertEquals(
        "{raw.dvc=up to date, prepare=restored, train=restored, report=up to date}",
        decisions(explained).toString());
    assertEquals("missing", reasons(explained, "prepare").path(0).path("note").asText());
    assertEquals(
        "{raw.dvc=up to date, prepare=up to date, train=up to date, report=up to date}",
        decisions(dry("allow-missing", true)).toString());
    assertTrue(decisions(dry("force", true)).values().stream().noneMatch("up to date"::equals));
  }

  @Test
  void aCommand_andWhatAlwaysRuns_areSaid() throws IOException {
    project.ok("repro");
    project.sh(
        "sed -i 's/cat model/cat  model/; s/outs: .model./&\\n    always_changed: true/' dvc.yaml");
    JsonNode explained = dry("targets", List.of("report"));
    assertEquals(
        "{\"kind\":\"command\",\"what\":\"\",\"recorded\":\"cat model > report\","
            + "\"now\":\"cat  model > report\"}",
        reasons(explained, "report").path(0).toString());
    assertEquals("always", reasons(explained, "train").path(0).path("kind").asText());
    String text = project.run("repro", "dry", true, "explain", true).out();
    assertTrue(text.contains("  command: was cat model > report, is cat  model > report"), text);
  }
}
