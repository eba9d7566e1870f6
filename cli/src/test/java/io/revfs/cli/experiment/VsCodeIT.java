package io.revfs.cli.experiment;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.revfs.cli.replay.Playground;
import io.revfs.cli.replay.Playground.Outcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The calls that DVC's extension for VS Code makes (its {@code cli/dvc/reader}, {@code executor},
 * {@code runner} and {@code viewer}), word by word, and the shapes that it takes apart ({@code
 * cli/dvc/contract}).
 */
class VsCodeIT {
  private static final ObjectMapper JSON =
      JsonMapper.builder().enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS).build();

  @TempDir static Path directory;
  private static Playground playground;
  private static Path copy;

  @BeforeAll
  static void begin() throws IOException {
    playground = new Playground(directory);
    copy = directory.resolve("code");
    Path repository = Files.createDirectories(copy.resolve("repo"));
    Files.writeString(repository.resolve("params.yaml"), "lr: 1\nnested: {depth: 2}\n");
    Files.writeString(
        repository.resolve("train.sh"),
        """
        lr=$(sed -n 's/^lr: //p' params.yaml)
        printf 'step,acc\\n0,0.%s\\n1,0.9\\n' $lr > acc.csv
        echo '{"acc": 0.'$lr', "none": NaN}' > metrics.json
        cat params.yaml > model.bin
        """);
    Files.writeString(
        repository.resolve("dvc.yaml"),
        """
        stages:
          train:
            cmd: sh train.sh
            deps: [train.sh, data]
            params: [lr, nested.depth]
            outs: [model.bin]
            metrics:
            - metrics.json: {cache: false}
            plots:
            - acc.csv: {cache: false, x: step, y: acc}
        plots:
        - point.png
        """);
    Outcome made =
        playground.run(
            repository,
            "git init -q -b main && dvc init -q && dvc remote add -q -d store ../store && mkdir"
                + " data && echo 1 > data/a && dvc add -q data && printf 'iVBORw0KGgo=' | base64 -d"
                + " > point.png && dvc repro -q && git add -A && git commit -qm 'the first' && git"
                + " init -q --bare ../far.git && git remote add origin ../far.git");
    assertEquals(0, made.exit(), made::toString);
  }

  @AfterAll
  static void end() throws IOException {
    playground.close();
  }

  private static String ok(String... words) throws IOException {
    Outcome outcome = playground.dvc(copy, ".", List.of(words));
    assertEquals(0, outcome.exit(), () -> List.of(words) + " " + outcome);
    return outcome.out();
  }

  private static JsonNode json(String... words) throws IOException {
    return JSON.readTree(ok(words));
  }

  private static String git(String command) throws IOException {
    Outcome outcome = playground.run(copy.resolve("repo"), "git " + command);
    assertEquals(0, outcome.exit(), outcome::toString);
    return outcome.out().strip();
  }

  private static TreeSet<String> names(JsonNode object) {
    TreeSet<String> names = new TreeSet<>();
    object.fieldNames().forEachRemaining(names::add);
    return names;
  }

  @Test
  void setup_asksForVersionRootStagesGraphAndRemotes() throws IOException {
    assertTrue(ok("--version").matches("3\\.\\d+\\.\\d+\\n"));
    assertEquals(".\n", ok("root"));
    assertTrue(ok("stage", "list").startsWith("train "), "a stage a line");
    assertTrue(ok("dag", "--md").startsWith("```mermaid"));
    assertTrue(ok("remote", "list").startsWith("store"));
    assertTrue(ok("remote", "list", "--project").startsWith("store"));
    assertEquals("", ok("remote", "list", "--local"));
    Outcome unset = playground.dvc(copy, ".", List.of("config", "studio.token"));
    assertFalse(unset.out().contains("."), "what fails counts as not set");
    String unused = ok("config", "--local", "studio.offline", "true");
    assertEquals("true\n", ok("config", "studio.offline"));
    unused = ok("config", "--local", "--unset", "studio.offline");
  }

  @Test
  void theTreeOfFiles_isDataStatus() throws IOException {
    JsonNode status = json("data", "status", "--granular", "--unchanged", "--json");
    TreeSet<String> known =
        new TreeSet<>(List.of("committed", "uncommitted", "unchanged", "not_in_cache", "git"));
    TreeSet<String> other = names(status);
    other.removeAll(known);
    assertEquals(new TreeSet<String>(), other, status.toString());
    assertTrue(status.get("unchanged").toString().contains("\"data/a\""), status.toString());
  }

  /** The experiment of a name below the newest commit. */
  private static JsonNode experiment(JsonNode shown, String name) {
    for (JsonNode one : shown.get(1).get("experiments")) {
      if (one.at("/revs/0/name").asText().equals(name)) {
        return one;
      }
    }
    throw new AssertionError(name + " in " + shown);
  }

  private static JsonNode show() throws IOException {
    return json("exp", "show", "--rev", git("rev-parse HEAD"), "--json");
  }

  @Test
  void experiments_areQueuedRunFollowedStoppedAndChanged() throws IOException {
    String head = git("rev-parse HEAD");
    String unused = ok("exp", "run", "--queue", "-S", "params.yaml:lr=2", "-n", "two");
    unused =
        ok("exp", "run", "--queue", "-S", "params.yaml:lr=3", "-S", "params.yaml:nested.depth=4");
    JsonNode waiting = show();
    assertEquals("workspace", waiting.get(0).get("rev").asText());
    assertEquals(head, waiting.get(1).get("rev").asText());
    assertEquals("main", waiting.get(1).get("name").asText());
    JsonNode queued = experiment(waiting, "two");
    assertEquals("queued", queued.at("/executor/state").asText());
    assertEquals("dvc-task", queued.at("/executor/name").asText());
    assertEquals(2, queued.at("/revs/0/data/params/params.yaml/data/lr").asInt());
    assertTrue(queued.at("/executor/local/task_id").isTextual(), queued.toString());

    unused = ok("queue", "start", "-j", "1");
    while (experiment(show(), "two").at("/executor/state").asText().equals("queued")) {
      unused = ok("queue", "status");
    }
    assertTrue(ok("queue", "logs", "two", "--follow").contains("sh train.sh"));
    unused = ok("exp", "run", "--run-all");
    JsonNode done = experiment(show(), "two");
    assertEquals("success", done.at("/executor/state").asText());
    JsonNode data = done.at("/revs/0/data");
    assertEquals(
        new TreeSet<>(List.of("deps", "meta", "metrics", "outs", "params", "rev", "timestamp")),
        names(data));
    assertEquals(0.2, data.at("/metrics/metrics.json/data/acc").asDouble());
    assertTrue(Double.isNaN(data.at("/metrics/metrics.json/data/none").asDouble()));
    assertEquals(32, data.at("/deps/train.sh/hash").asText().length());
    assertTrue(data.at("/deps/data/hash").asText().endsWith(".dir"));
    assertTrue(data.at("/outs/model.bin/use_cache").asBoolean());
    assertFalse(data.at("/outs/model.bin/is_data_source").asBoolean());
    assertTrue(data.get("timestamp").asText().matches("20\\d\\d-.*T.*"), data.toString());

    plotsDiff();

    unused = ok("exp", "rename", "two", "second");
    unused = ok("exp", "apply", "second");
    assertTrue(Files.readString(copy.resolve("repo/params.yaml")).contains("lr: 2"));
    unused = ok("exp", "branch", "second", "good-idea");
    assertEquals(head, git("rev-parse good-idea^"));
    unused = ok("exp", "push", "origin", "second");
    assertTrue(git("ls-remote origin").contains("/second"));
    unused = ok("exp", "run", "--queue", "-S", "params.yaml:lr=7");
    unused = ok("exp", "remove", "--queue");
    unused = ok("exp", "remove", "second");
    assertFalse(ok("exp", "list", "--name-only").contains("second"));
    unused = ok("commit", "-f");
    unused = ok("checkout", "-f");
    unused = ok("push");
    unused = ok("pull");
    unused = git("checkout -q -f .");
    running();
  }

  private static void plotsDiff() throws IOException {
    JsonNode plots =
        json(
            "plots",
            "diff",
            "HEAD",
            "two",
            "workspace",
            "-o",
            ".dvc/tmp/plots",
            "--split",
            "--json");
    assertFalse(plots.has("errors"), plots.toString());
    JsonNode chart = plots.at("/data/acc.csv/0");
    assertEquals("vega", chart.get("type").asText());
    assertTrue(chart.get("content").isObject(), "TopLevelSpec");
    assertTrue(chart.get("content").toString().contains("<DVC_METRIC_DATA>"));
    assertEquals("[\"HEAD\",\"two\",\"workspace\"]", sorted(chart.get("revisions")));
    JsonNode anchors = chart.get("anchor_definitions");
    assertEquals("rev", anchors.at("/<DVC_METRIC_DATA>/0").has("rev") ? "rev" : "");
    assertEquals("acc", anchors.get("<DVC_METRIC_Y_LABEL>").asText());
    assertTrue(anchors.get("<DVC_METRIC_COLOR>").has("field"), anchors.toString());
    JsonNode picture = plots.at("/data/point.png/0");
    assertEquals("image", picture.get("type").asText());
    Path drawn = copy.resolve("repo").resolve(picture.get("url").asText());
    assertTrue(Files.exists(drawn), drawn.toString());
    assertTrue(drawn.startsWith(copy.resolve("repo/.dvc/tmp/plots")), drawn.toString());
    assertEquals(1, picture.get("revisions").size());
  }

  private static String sorted(JsonNode list) {
    TreeSet<String> all = new TreeSet<>();
    list.forEach(one -> all.add(one.toString()));
    return all.toString().replace(", ", ",");
  }

  /** What runs in the queue is seen with whom to stop, and stopped. */
  private static void running() throws IOException {
    Path repository = copy.resolve("repo");
    Files.writeString(
        repository.resolve("train.sh"), "touch %s/begun; sleep 600\n".formatted(copy));
    String unused = ok("exp", "run", "--queue", "-n", "long", "-S", "params.yaml:lr=5");
    unused = ok("exp", "run", "--queue", "-n", "longer", "-S", "params.yaml:lr=6");
    unused = ok("queue", "start", "-j", "1");
    while (!Files.exists(copy.resolve("begun"))) {
      unused = ok("queue", "status");
    }
    JsonNode now = experiment(show(), "long");
    assertEquals("running", now.at("/executor/state").asText());
    assertEquals("dvc-task", now.at("/executor/name").asText());
    assertTrue(now.at("/executor/local/pid").asLong() > 1, now.toString());
    assertTrue(Files.isRegularFile(Path.of(now.at("/executor/local/log").asText())));
    unused = ok("queue", "kill", "long");
    Files.delete(copy.resolve("begun"));
    while (!Files.exists(copy.resolve("begun"))) {
      unused = ok("queue", "status");
    }
    unused = ok("queue", "stop", "--kill");
    JsonNode stopped = show();
    while (experiment(stopped, "longer").at("/executor/state").asText().equals("running")) {
      stopped = show();
    }
    for (String name : List.of("long", "longer")) {
      JsonNode failed = experiment(stopped, name);
      assertEquals("failed", failed.at("/executor/state").asText(), failed.toString());
      assertTrue(failed.at("/revs/0/error/msg").isTextual(), failed.toString());
    }
    assertTrue(ok("queue", "status").contains("Worker status: 0 active, 0 idle"));
  }
}
