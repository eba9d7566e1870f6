package io.revfs.command.pipeline;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.revfs.testing.RecordedCall;
import io.revfs.testing.RevisionCommands;
import io.revfs.testing.TestData;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Metrics and parameters of revisions: formats, tables, and what is odd in files. */
class ValueCommandsTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir java.nio.file.Path directory;
  private TestData data;
  private RevisionCommands commands;

  @BeforeEach
  void make() throws IOException {
    data = new TestData(directory);
    data.write("dvc.yaml", "metrics: [m.json, sub/all]\nparams: [p.toml, p.py]\n");
    data.write("m.json", "{\"acc\": 0.123456789, \"n\": {\"deep\": 1}, \"list\": [1]}");
    data.write("sub/all/a.yaml", "f1: 1e-3\nok: true\nname: run\n");
    data.write("params.yaml", "lr: 0.1\nlayers: [1, 2]\nno: yes\n");
    data.write("p.toml", "[run]\nseed = 7\nday = 2020-01-02\n");
    data.write("p.py", "BATCH = 32\nclass Net:\n    wide = True\n");
    data.commit("v1");
    data.write("m.json", "{\"acc\": 0.5, \"n\": {\"deep\": 2}}");
    data.write("params.yaml", "lr: 0.25\nlayers: [1, 2, 3]\nno: yes\n");
    data.write("p.toml", "[run]\nseed = 8\nday = 2020-01-02\n");
    data.write("p.py", "BATCH = 64\nclass Net:\n    wide = False\n");
    data.commit("v2");
    commands = new RevisionCommands(data.repository(), directory.resolve("revfs"));
  }

  @AfterEach
  void close() {
    commands.close();
  }

  private RecordedCall run(String command, Object... pairs) {
    return commands.run(command, pairs);
  }

  private JsonNode diff(String command, Object... more) {
    List<Object> pairs = new ArrayList<>(List.of(more));
    pairs.addAll(List.of("a_rev", "v1", "b_rev", "v2"));
    RecordedCall call = run(command, pairs.toArray());
    assertEquals("0 ", call.exit() + " " + call.failure());
    return call.json();
  }

  private static JsonNode json(String text) throws IOException {
    return JSON.readTree(text);
  }

  @Test
  void metricsShow_readsAllFormats_andLeavesOutLists() throws IOException {
    assertEquals(
        json(
            """
            {"": {"data": {"m.json": {"data": {"acc": 0.5, "n": {"deep": 2}}},
              "sub/all/a.yaml": {"data": {"f1": 0.001, "ok": true, "name": "run"}}}}}\
            """),
        json(run("metrics show").json().toString()));
    assertEquals(
        """
        Path            acc    f1     n.deep    name    ok
        m.json          0.5    -      2         -       -
        sub/all/a.yaml  -      0.001  -         run     True
        """,
        run("metrics show").out());
  }

  @Test
  void metricsShow_ofRevisions() throws IOException {
    JsonNode tags = run("metrics show", "all-tags", true).json();
    assertEquals(List.of("workspace", "v1", "v2"), names(tags));
    assertEquals(0.123456789, tags.at("/v1/data/m.json/data/acc").asDouble());
    JsonNode both = run("metrics show", "all-tags", true, "all-branches", true).json();
    assertEquals(List.of("workspace", "main,v2", "v1"), names(both));
    assertEquals(
        List.of("main"),
        names(run("metrics show", "all-branches", true).json()),
        "the work tree is as the branch");
    data.write("m.json", "{\"acc\": 1}");
    assertEquals(
        List.of("workspace", "main"), names(run("metrics show", "all-branches", true).json()));
    JsonNode commits = run("metrics show", "all-commits", true).json();
    assertEquals(3, commits.size());
    assertTrue(commits.has(data.git("rev-parse", "v1")));
  }

  private static List<String> names(JsonNode object) {
    List<String> names = new ArrayList<>();
    object.fieldNames().forEachRemaining(names::add);
    return names;
  }

  @Test
  void metricsShow_ofTargets() {
    assertEquals(
        List.of("sub/all/a.yaml"),
        names(
            run("metrics show", "targets", List.of("sub"), "recursive", true).json().at("//data")));
    assertEquals(
        List.of("all/a.yaml"),
        names(
            commands.runIn("sub", "metrics show", "targets", List.of("all")).json().at("//data")));
    RecordedCall absent = run("metrics show", "targets", List.of("absent.json"));
    assertEquals(0, absent.exit());
    assertEquals("FileNotFoundError", absent.json().at("//data/absent.json/error/type").asText());
    assertEquals(1, absent.warnings().size());
  }

  @Test
  void precision_roundsAsPython_andNoughtIsTheUsual() {
    assertTrue(lines("metrics diff").contains("0.12346"), lines("metrics diff"));
    assertTrue(lines("metrics diff", "precision", 2).contains(" 0.12 "));
    assertTrue(lines("metrics diff", "precision", 0).contains("0.12346"));
    assertTrue(lines("metrics diff", "precision", 9).contains("0.123456789"));
  }

  private String lines(String command, Object... more) {
    List<Object> pairs = new ArrayList<>(List.of(more));
    pairs.addAll(List.of("a_rev", "v1", "b_rev", "v2"));
    return run(command, pairs.toArray()).out();
  }

  @Test
  void diffs_asTables() {
    assertEquals(
        """
        Path    Metric    v1       v2    Change
        m.json  acc       0.12346  0.5   0.37654
        m.json  n.deep    1        2     1
        """,
        lines("metrics diff"));
    assertEquals(
        """
        | Metric   | v1      | v2   | Change   |
        |----------|---------|------|----------|
        | acc      | 0.12346 | 0.5  | 0.37654  |
        | n.deep   | 1       | 2    | 1        |

        """,
        lines("metrics diff", "md", true, "no-path", true));
    assertEquals(
        """
        Path         Param     v1      v2
        p.py         BATCH     32      64
        p.py         Net.wide  True    False
        p.toml       run.seed  7       8
        params.yaml  layers    [1, 2]  [1, 2, 3]
        params.yaml  lr        0.1     0.25
        """,
        lines("params diff"));
  }

  @Test
  void diffs_asJson() throws IOException {
    assertEquals(
        json(
            """
            {"p.py": {"BATCH": {"old": 32, "new": 64, "diff": 32},
                      "Net.wide": {"old": true, "new": false, "diff": -1}},
             "p.toml": {"run.seed": {"old": 7, "new": 8, "diff": 1}},
             "params.yaml": {"layers": {"old": "[1, 2]", "new": "[1, 2, 3]"},
                             "lr": {"old": 0.1, "new": 0.25, "diff": 0.15}}}\
            """),
        json(diff("params diff").toString()));
    JsonNode all = diff("params diff", "all", true);
    assertEquals("yes", all.at("/params.yaml/no/new").asText(), "a text in YAML 1.2");
    assertEquals(List.of("p.toml"), names(diff("params diff", "targets", List.of("p.toml"))));
    assertEquals(0, diff("params diff", "deps", true).size(), "no stage depends on any");
    assertEquals(
        List.of("sub/all/a.yaml"),
        names(diff("metrics diff", "all", true, "targets", List.of("sub"), "recursive", true)));
  }

  @Test
  void numbersThatAreNone_areShownAsPythonDoes() {
    write("m.json", "{\"a\": NaN, \"b\": Infinity, \"c\": -Infinity, \"d\": \"none\", \"e\": 1}");
    RecordedCall show = run("metrics show", "targets", List.of("m.json"));
    assertEquals(
        """
        Path    a    b    c     d     e
        m.json  nan  inf  -inf  none  1
        """,
        show.out());
    JsonNode changed =
        run("metrics diff", "a_rev", "v2", "targets", List.of("m.json")).json().get("m.json");
    assertTrue(Double.isNaN(changed.at("/a/new").asDouble()), changed::toString);
    assertTrue(Double.isInfinite(changed.at("/b/new").asDouble()));
    assertEquals("none", changed.at("/d/new").asText());
    assertFalse(changed.get("d").has("diff"), "a text is no number");
  }

  private void write(String path, String text) {
    try {
      data.write(path, text);
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  @Test
  void aFileThatIsMissingAtOneRevision_hasNoValuesThere() throws IOException {
    data.git("rm", "-q", "m.json");
    data.commit("v3");
    RecordedCall call = run("metrics diff", "a_rev", "v2", "b_rev", "v3");
    assertEquals(0, call.exit());
    assertEquals(json("{\"old\": 0.5, \"new\": null}"), call.json().at("/m.json/acc"));
    assertEquals(1, call.warnings().size());
    assertTrue(call.warnings().getFirst().contains("in revision 'v3': m.json does not exist"));
  }

  @Test
  void filesThatDoNotParse_areNamedWithTheirLine_andTheRestIsShown() throws IOException {
    data.write("p.toml", "seed = \n");
    data.write("p.py", "BATCH = (\n");
    data.write("m.json", "{\"acc\": 1} extra");
    data.commit("v3");
    RecordedCall call = run("params diff", "a_rev", "v2", "b_rev", "v3");
    assertEquals(0, call.exit(), call.failure());
    assertEquals(2, call.warnings().size(), call.warnings()::toString);
    String said = String.join("\n", call.warnings());
    assertTrue(said.contains("in revision 'v3': p.toml:1: "), said);
    assertTrue(said.contains("in revision 'v3': p.py:2: "), said);
    RecordedCall show = run("metrics show");
    assertEquals(0, show.exit());
    assertEquals("JSONFileCorruptedError", show.json().at("//data/m.json/error/type").asText());
    assertEquals("run", show.json().at("//data/sub~1all~1a.yaml/data/name").asText());
  }

  @Test
  void parametersThatTemplatesAreMadeOf_areSaidOnce() throws IOException {
    data.write("params.yaml", "lr: 0.3\nlr2: [\n");
    data.commit("v3");
    RecordedCall call = run("params diff", "a_rev", "v2", "b_rev", "v3");
    assertEquals(0, call.exit(), call.failure());
    assertEquals(
        List.of(
            "warning: in revision 'v3': params.yaml:3: not YAML: expected the node content, but"
                + " found '<stream end>'"),
        call.warnings());
  }

  @Test
  void unknownRevisions_areRefused_withNamesThatAreNear() {
    RecordedCall call = run("params diff", "a_rev", "v11");
    assertEquals(255, call.exit());
    assertTrue(call.failure().contains("v11"), call.failure());
  }

  @Test
  void beforeTheFirstCommit_nothingDiffers() throws IOException {
    java.nio.file.Path empty = java.nio.file.Files.createDirectories(directory.resolve("empty"));
    TestData fresh = new TestData(empty);
    fresh.write("params.yaml", "lr: 1\n");
    try (RevisionCommands there =
        new RevisionCommands(fresh.repository(), empty.resolve("revfs"))) {
      assertEquals("{}", there.run("params diff").json().toString());
      assertEquals("{}", there.run("metrics diff").json().toString());
    }
  }
}
