package io.revfs.cli.replay;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.revfs.cli.replay.Playground.Outcome;
import io.revfs.cli.replay.Playground.Pack;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/**
 * DVC 3.67.1 did all this on the reference repositories; the command, as it is shipped and under
 * the name {@code dvc}, does it again: each commit pulled and looked at, differences between
 * commits, and scenarios with their end. What may differ stands in {@code accepted.txt}, with the
 * reason; a line there that nothing needs is a failure too.
 */
@Execution(ExecutionMode.CONCURRENT)
class ReplayIT {
  private static final List<String> REPOSITORIES =
      List.of(
          "01-single-files",
          "02-directories",
          "03-pipeline",
          "04-templating",
          "05-imports",
          "06-experiments",
          "07-legacy-2x",
          "08-remotes-config",
          "09-dvcignore");

  @TempDir static Path directory;
  private static Playground playground;
  private static VersionedPack versioned;
  private static final Map<String, String> accepted = new ConcurrentHashMap<>();
  private static final Set<String> needed = ConcurrentHashMap.newKeySet();

  @BeforeAll
  static void begin() throws IOException {
    playground = new Playground(directory);
    versioned = VersionedPack.start(directory.resolve("versioned"));
    for (String line : Files.readAllLines(Path.of("src/test/resources/replay/accepted.txt"))) {
      int reason = line.indexOf(" # ");
      if (reason > 0 && !line.startsWith("#")) {
        accepted.put(line.substring(0, reason).strip(), line.substring(reason + 3));
      }
    }
  }

  @AfterAll
  static void end() throws IOException {
    playground.close();
    versioned.close();
    Set<String> idle = new HashSet<>(accepted.keySet());
    idle.removeAll(needed);
    assertEquals(Set.of(), idle, "accepted.txt: nothing needs these lines");
  }

  @TestFactory
  @Execution(ExecutionMode.CONCURRENT)
  Stream<DynamicTest> replay() throws IOException {
    List<DynamicTest> tests = new ArrayList<>();
    List<Pack> packs = new ArrayList<>();
    for (String name : REPOSITORIES) {
      packs.add(playground.unpack(name));
    }
    packs.add(versioned.pack());
    for (Pack pack : packs) {
      JsonNode expected = pack.expected();
      for (JsonNode revision : expected.get("revisions")) {
        String commit = revision.get("rev").asText();
        String title = revision.get("names").path(0).asText(commit.substring(0, 7));
        tests.add(test(pack, "@" + title, commit, (c, copy) -> revision(revision, c, copy)));
      }
      for (JsonNode pair : expected.get("diffs")) {
        String title = pair.get("a").asText() + ".." + pair.get("b").asText();
        tests.add(test(pack, title, "HEAD", (c, copy) -> difference(pair, c, copy)));
      }
      for (JsonNode scenario : expected.get("scenarios")) {
        String start = scenario.at("/start/rev").asText();
        String title = scenario.get("name").asText();
        tests.add(test(pack, title, start, (c, copy) -> scenario(scenario, c, copy)));
      }
    }
    return tests.stream();
  }

  private interface Act {
    void run(Comparison comparison, Path copy) throws IOException;
  }

  private static DynamicTest test(Pack pack, String title, String start, Act act) {
    return DynamicTest.dynamicTest(
        pack.name() + " " + title,
        () -> {
          Path copy = playground.fresh(pack, start);
          Comparison comparison = new Comparison(copy, commits(pack.expected()));
          act.run(comparison, copy);
          List<String> different = new ArrayList<>();
          for (String difference : comparison.differences()) {
            String line = pack.name() + " " + title + ": " + difference;
            List<String> reasons =
                accepted.keySet().stream()
                    .filter(part -> Pattern.compile(part).matcher(line).find())
                    .toList();
            needed.addAll(reasons);
            if (reasons.isEmpty()) {
              different.add(line);
            }
          }
          assertTrue(comparison.compared() > 0, "nothing was compared");
          assertTrue(
              different.isEmpty(),
              () -> comparison.compared() + " compared:\n" + String.join("\n", different));
        });
  }

  private static Set<String> commits(JsonNode expected) {
    Set<String> commits = new HashSet<>();
    expected.at("/git/refs").forEach(commit -> commits.add(commit.asText()));
    expected.get("revisions").forEach(revision -> commits.add(revision.get("rev").asText()));
    return commits;
  }

  private static void revision(JsonNode revision, Comparison comparison, Path copy)
      throws IOException {
    for (var project : revision.path("projects").properties()) {
      String at = project.getKey();
      JsonNode want = project.getValue();
      List<String> rev =
          at.equals(".") ? List.of("--rev", revision.get("rev").asText()) : List.of();
      comparison.answer(
          "status before pull",
          want.get("status_before_pull"),
          playground.dvc(copy, at, List.of("status", "--json")));
      comparison.same(
          "pull", want.at("/pull/rc").asInt(), playground.dvc(copy, at, List.of("pull")).exit());
      Map<String, List<String>> questions = new LinkedHashMap<>(); // in the same order each time
      questions.put("status", List.of("status", "--json"));
      questions.put(
          "data_status", List.of("data", "status", "--json", "--granular", "--unchanged"));
      questions.put("list", with(List.of("ls", "-R", "--json", "--size", "."), rev));
      questions.put("list_dvc_only", with(List.of("ls", "-R", "--json", "--dvc-only", "."), rev));
      questions.put("metrics_show", List.of("metrics", "show", "--json"));
      for (var question : questions.entrySet()) {
        comparison.answer(
            question.getKey(),
            want.get(question.getKey()),
            playground.dvc(copy, at, question.getValue()));
      }
      if (want.has("plots_show")) {
        comparison.same(
            "plots_show",
            want.get("plots_show"),
            points(playground.dvc(copy, at, List.of("plots", "show", "--json"))));
      }
      comparison.same(
          "stage list",
          lines(want.get("stage_list").asText(), "  .*"),
          lines(playground.dvc(copy, at, List.of("stage", "list", "--all")).out(), "  .*"));
      comparison.same(
          "dag",
          lines(want.get("dag_dot").asText(), "$"),
          lines(playground.dvc(copy, at, List.of("dag", "--dot")).out(), "$"));
      if (want.has("cache_after_pull")) {
        ArrayNode cache = want.get("cache_after_pull").deepCopy();
        cache.forEach(entry -> ((ObjectNode) entry).remove("mode"));
        comparison.same("cache", cache, Trees.cache(copy, at));
      }
    }
    comparison.same("checkout", revision.get("checkout"), Trees.workTree(copy.resolve("repo")));
  }

  /** Returns what was recorded of plots: the points of each, and its title. */
  private static JsonNode points(Outcome outcome) throws IOException {
    ObjectNode plots = JsonNodeFactory.instance.objectNode();
    for (var plot : new ObjectMapper().readTree(outcome.out()).path("data").properties()) {
      ArrayNode list = plots.putArray(plot.getKey());
      for (JsonNode one : plot.getValue()) {
        ObjectNode reduced = list.addObject();
        reduced.set("type", one.get("type"));
        reduced.set("revisions", one.get("revisions"));
        reduced.set("values", one.at("/content/data/values"));
        reduced.set("title", one.at("/content/title/text"));
      }
    }
    return plots;
  }

  private static List<String> with(List<String> words, List<String> more) {
    return Stream.concat(words.stream(), more.stream()).toList();
  }

  /** The lines in order, each without what an expression matches. */
  private static String lines(String text, String without) {
    return String.join(
        "\n",
        text.lines()
            .map(line -> line.replaceFirst(without, "").strip())
            .filter(line -> !line.isEmpty())
            .sorted()
            .toList());
  }

  private static void difference(JsonNode pair, Comparison comparison, Path copy)
      throws IOException {
    List<String> both = List.of(pair.get("a").asText(), pair.get("b").asText());
    for (String revision : both) {
      playground.run(copy.resolve("repo"), "git checkout -q -f --detach " + revision);
      playground.dvc(copy, ".", List.of("fetch", "-q"));
    }
    playground.run(copy.resolve("repo"), "git checkout -q -f main");
    Map<String, List<String>> questions =
        Map.of(
            "diff", List.of("diff", "--json"),
            "params_diff", List.of("params", "diff", "--json"),
            "params_diff_all", List.of("params", "diff", "--json", "--all"),
            "metrics_diff", List.of("metrics", "diff", "--json"),
            "metrics_diff_all", List.of("metrics", "diff", "--json", "--all"));
    for (var question : questions.entrySet()) {
      comparison.answer(
          question.getKey(),
          pair.get(question.getKey()),
          playground.dvc(copy, ".", with(question.getValue(), both)));
    }
    if (pair.has("plots_diff")) {
      comparison.same(
          "plots_diff",
          pair.get("plots_diff"),
          points(playground.dvc(copy, ".", with(List.of("plots", "diff", "--json"), both))));
    }
  }

  private static void scenario(JsonNode scenario, Comparison comparison, Path copy)
      throws IOException {
    if (scenario.at("/start/pulled").asBoolean()) {
      playground.dvc(copy, ".", List.of("pull", "-q"));
    }
    int number = 0;
    for (JsonNode step : scenario.get("steps")) {
      List<String> words = new ArrayList<>();
      step.path("dvc").forEach(word -> words.add(word.asText()));
      Outcome outcome =
          words.isEmpty()
              ? playground.run(copy.resolve("repo"), step.get("sh").asText())
              : playground.dvc(copy, ".", words);
      String what =
          "step %d `%s`"
              .formatted(
                  ++number,
                  words.isEmpty() ? step.get("sh").asText() : "dvc " + String.join(" ", words));
      comparison.same(
          what + " exit code " + outcome.err().strip(), step.get("rc").asInt(), outcome.exit());
      if (step.has("json")) {
        comparison.answer(what, step.get("json"), outcome);
      }
    }
    JsonNode end = scenario.get("end");
    for (var file : end.get("meta_files").properties()) {
      Path there = copy.resolve("repo").resolve(file.getKey());
      String text = Files.exists(there) ? Files.readString(there) : "(not there)";
      comparison.same("end " + file.getKey(), file.getValue().asText(), text);
    }
    comparison.same("end tree", end.get("checkout"), Trees.workTree(copy.resolve("repo")));
    if (end.has("cache")) {
      ArrayNode paths = JsonNodeFactory.instance.arrayNode();
      Trees.cache(copy, ".").forEach(entry -> paths.add(entry.get("path")));
      comparison.same("end cache", end.get("cache"), paths);
    }
  }
}
