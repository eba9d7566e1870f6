package io.revfs.command.plots;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.revfs.testing.RecordedCall;
import io.revfs.testing.TestData;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Plots of all kinds of sources, of one revision and of several. */
class PlotsCommandsTest extends PlotsProject {
  @Test
  void show_namesAllPlots_andReadsDataOfTheRemote() throws IOException {
    JsonNode answer = plots("out", "there");
    assertFalse(answer.has("errors"), answer::toString);
    assertEquals(
        List.of(
            "train.csv",
            "both",
            "one field",
            "pictures/10.png",
            "pictures/2.png",
            "eval/classes.json"),
        names(answer.get("data")));
    JsonNode picture = answer.at("/data/pictures~12.png/0");
    assertEquals(
        json("{\"type\": \"image\", \"revisions\": [\"workspace\"]}").get("revisions"),
        picture.get("revisions"));
    assertEquals(
        repository.resolve("there/workspace_pictures_2.png").toString(),
        picture.get("url").asText());
    assertArrayEquals(PNG, Files.readAllBytes(Path.of(picture.get("url").asText())));
  }

  @Test
  void severalFilesAndFields_areOneList_withWhereEachPointIsFrom() throws IOException {
    JsonNode both = plots("targets", List.of("both")).at("/data/both/0/content");
    assertEquals(
        json(
            """
            [{"step": "0", "loss": "1.0", "acc": "0.1", "dvc_inferred_y_value": "1.0",
              "rev": "workspace", "filename::field": "train.csv::loss"},
             {"step": "1", "loss": "0.5", "acc": "0.6", "dvc_inferred_y_value": "0.5",
              "rev": "workspace", "filename::field": "train.csv::loss"},
             {"step": "0", "loss": "1.0", "acc": "0.1", "dvc_inferred_y_value": "0.1",
              "rev": "workspace", "filename::field": "train.csv::acc"},
             {"step": "1", "loss": "0.5", "acc": "0.6", "dvc_inferred_y_value": "0.6",
              "rev": "workspace", "filename::field": "train.csv::acc"},
             {"step": "0", "loss": "2.0", "acc": "0.2", "dvc_inferred_y_value": "2.0",
              "rev": "workspace", "filename::field": "test.csv::loss"},
             {"step": "1", "loss": "1.5", "acc": "0.4", "dvc_inferred_y_value": "1.5",
              "rev": "workspace", "filename::field": "test.csv::loss"}]\
            """),
        both.at("/data/values"));
    assertEquals("both", both.at("/title/text").asText());
    assertEquals(
        json("[\"test.csv::loss\", \"train.csv::acc\", \"train.csv::loss\"]"),
        both.at("/encoding/strokeDash/scale/domain"));
    JsonNode one = plots("targets", List.of("one field")).at("/data/one field/0/content");
    assertEquals("train.csv", one.at("/data/values/0/filename").asText());
    assertFalse(one.at("/data/values/0").has("field"), "it is the same in all");
  }

  @Test
  void split_leavesWhatAViewerChooses() throws IOException {
    JsonNode plot =
        plots("targets", List.of("dvc.yaml::train"), "split", true).at("/data/train.csv/0");
    JsonNode left = plot.get("anchor_definitions");
    assertEquals("<DVC_METRIC_DATA>", plot.at("/content/data/values").asText());
    assertEquals("<DVC_METRIC_COLOR>", plot.at("/content/encoding/color").asText());
    assertEquals("step", plot.at("/content/encoding/x/field").asText(), "not left open");
    assertEquals(
        json(
            "{\"field\": \"rev\", \"scale\": {\"domain\": [\"workspace\"], \"range\":"
                + " [\"#945dd6\"]}}"),
        left.get("<DVC_METRIC_COLOR>"));
    assertEquals(2, left.get("<DVC_METRIC_DATA>").size());
    assertEquals("Accuracy", left.get("<DVC_METRIC_TITLE>").asText());
    assertEquals(300, left.get("<DVC_METRIC_PLOT_WIDTH>").asInt());
    assertEquals("grid", left.at("/<DVC_METRIC_ZOOM_AND_PAN>/name").asText());
    assertFalse(left.has("<DVC_METRIC_STROKE_DASH>"), "one line: nothing to tell apart");
  }

  @Test
  void options_goBeforeDefinitions() throws IOException {
    JsonNode content =
        plots(
                "targets",
                List.of("test.csv"),
                "x",
                "acc",
                "y",
                "loss",
                "title",
                "T",
                "x-label",
                "here",
                "template",
                "simple")
            .at("/data/test.csv/0/content");
    assertEquals("acc", content.at("/encoding/x/field").asText());
    assertEquals("here", content.at("/encoding/x/title").asText());
    assertEquals("loss", content.at("/encoding/y/title").asText());
    assertEquals("T", content.at("/title/text").asText());
    assertEquals("line", content.at("/mark/type").asText(), "the template");
    JsonNode plain = plots("targets", List.of("test.csv")).at("/data/test.csv/0/content");
    assertEquals("step", plain.at("/encoding/x/field").asText(), "points are numbered");
    assertEquals(0, plain.at("/data/values/0/step").asInt(-1));
    JsonNode bare =
        plots("targets", List.of("test.csv"), "no-header", true).at("/data/test.csv/0/content");
    assertEquals(
        json(
            "{\"0\": \"step\", \"1\": \"loss\", \"2\": \"acc\", \"step\": 0, \"rev\":"
                + " \"workspace\"}"),
        json(bare.at("/data/values/0").toString()));
  }

  @Test
  void diff_showsRevisionsInOne_theWorkTreeFirst() throws IOException {
    data.write("train.csv", "step,loss,acc\n0,9.0,0.9\n");
    JsonNode plot =
        run("plots diff", "json", true, "targets", List.of("dvc.yaml::train.csv", "^both$"))
            .json()
            .at("/data");
    JsonNode values = plot.at("/train.csv/0/content/data/values");
    assertEquals(List.of("workspace", "HEAD", "HEAD"), values.findValuesAsText("rev"));
    assertEquals(json("[\"workspace\", \"HEAD\"]"), plot.at("/train.csv/0/revisions"));
    data.commit("v2");
    JsonNode named =
        run("plots diff", "json", true, "revisions", List.of("v2", "v1")).json().at("/data");
    assertEquals(json("[\"v2\", \"v1\"]"), named.at("/train.csv/0/revisions"));
    assertEquals(
        json("[\"workspace\"]"),
        run("plots diff", "json", true).json().at("/data/train.csv/0/revisions"),
        "nothing is changed");
  }

  @Test
  void pathsAreFromTheCallersDirectory() {
    JsonNode there =
        commands
            .runIn("eval", "plots show", "json", true, "targets", List.of("classes.json"))
            .json()
            .get("data");
    assertEquals(List.of("../dvc.yaml::classes.json", "classes.json"), sorted(names(there)));
    assertTrue(
        names(commands.runIn("eval", "plots show", "json", true).json().get("data"))
            .contains("../train.csv"));
  }

  private static List<String> sorted(List<String> names) {
    return names.stream().sorted().toList();
  }

  @Test
  void ownTemplates_areFoundByName_andByFile() throws IOException {
    String own =
        "{\"data\": {\"values\": \"<DVC_METRIC_DATA>\"}, \"mark\": \"area\", \"title\":"
            + " \"of <DVC_METRIC_TITLE>\"}";
    data.write(".dvc/plots/mine.json", own);
    data.write("file.json", own);
    for (String name : List.of("mine", "mine.json", "file.json")) {
      JsonNode content =
          plots("targets", List.of("both"), "template", name).at("/data/both/0/content");
      assertEquals("area", content.get("mark").asText());
      assertEquals("of both", content.get("title").asText());
      assertTrue(
          content.at("/data/values/0").has("filename"), "a template without optional anchors");
    }
    data.write(".dvc/plots/linear.json", own);
    assertEquals(
        "area",
        plots("targets", List.of("both")).at("/data/both/0/content/mark").asText(),
        "goes before the one that is built in");
  }

  @Test
  void directoriesOfTables_areAPlotForEachFile_theNearestDefinitionCounts() throws IOException {
    data.write("live/metrics/train/loss.tsv", "timestamp\tstep\tloss\n1\t0\t0.5\n2\t1\t0.25\n");
    data.write("live/metrics/acc.tsv", "timestamp\tstep\tacc\n1\t0\t0.1\n");
    data.write("live/other.tsv", "a\tb\n1\t2\n");
    data.write("dvc.yaml", "plots:\n- live:\n    y: b\n    x: a\n- live/metrics:\n    x: step\n");
    JsonNode plots = plots().get("data");
    assertEquals(
        List.of("live/metrics/acc.tsv", "live/metrics/train/loss.tsv", "live/other.tsv"),
        sorted(names(plots)));
    JsonNode loss = plots.at("/live~1metrics~1train~1loss.tsv/0/content");
    assertEquals("loss", loss.at("/layer/0/encoding/y/field").asText(), "the last column");
    assertEquals("step", loss.at("/encoding/x/field").asText());
    assertEquals("a", plots.at("/live~1other.tsv/0/content/encoding/x/field").asText());
  }

  @Test
  void outputsOfStages_arePlots_withOrWithoutProperties() throws IOException {
    data.write("bare.csv", "1,5\n2,6\n");
    data.write(
        "dvc.yaml",
        """
        stages:
          make:
            wdir: eval
            cmd: make
            plots:
            - ../bare.csv: {cache: false, header: false, x: '0', y: '1'}
            - ../test.csv: {cache: false}
        """);
    JsonNode plots = plots().get("data");
    assertEquals(List.of("bare.csv", "test.csv"), names(plots));
    assertEquals(
        json("{\"0\": \"1\", \"1\": \"5\", \"rev\": \"workspace\"}"),
        plots.at("/bare.csv/0/content/data/values/0"));
  }

  @Test
  void anExperiment_isComparedWithWhereItBegan() throws IOException {
    String base = data.git("rev-parse", "HEAD");
    data.write("train.csv", "step,loss,acc\n0,9.0,0.9\n");
    String tree = data.git("stash", "create");
    data.git("checkout", "-q", "--", ".");
    String commit = data.git("commit-tree", tree + "^{tree}", "-p", base, "-m", "exp");
    data.git(
        "update-ref",
        "refs/exps/" + base.substring(0, 2) + "/" + base.substring(2) + "/odd-name",
        commit);
    JsonNode plot =
        run("plots diff", "json", true, "experiment", true, "revisions", List.of("odd-name"))
            .json()
            .at("/data/train.csv/0");
    assertEquals(json("[\"odd-name\", \"" + base.substring(0, 7) + "\"]"), plot.get("revisions"));
    assertEquals(3, plot.at("/content/data/values").size());
    assertEquals(0, run("params diff", "a_rev", "odd-name").exit(), "it is a revision everywhere");
  }

  @Test
  void onlyWhatIsAskedFor_isDownloaded() throws IOException {
    byte[] table = "step,a\n0,1\n".getBytes(StandardCharsets.UTF_8);
    String manifest =
        data.directory("tables", Map.of("a.csv", table, "b.csv", new byte[500], "c", new byte[9]));
    data.file("model.bin", new byte[1000]);
    data.write("dvc.yaml", "plots:\n- tables/a.csv:\n    y: a\n");
    data.commit("v2");
    assertEquals(
        1,
        run("plots diff", "json", true, "revisions", List.of("v2", "workspace"))
            .json()
            .at("/data/tables~1a.csv")
            .size());
    Path cache = directory.resolve("revfs/revfs-cache/files/md5");
    String md5 = TestData.md5(table);
    List<String> there = new ArrayList<>();
    for (String name :
        List.of(md5, manifest, TestData.md5(new byte[500]), TestData.md5(new byte[1000]))) {
      if (Files.exists(cache.resolve(name.substring(0, 2)).resolve(name.substring(2)))) {
        there.add(name);
      }
    }
    assertTrue(List.of(List.of(md5), List.of(md5, manifest)).contains(there), there::toString);
  }

  @Test
  void showVega_isOfOneTarget() throws IOException {
    RecordedCall call = run("plots show", "show-vega", true, "targets", List.of("both"));
    assertEquals(6, json(call.out()).at("/data/values").size());
    assertEquals(1, run("plots show", "show-vega", true).exit());
    assertEquals(1, run("plots show", "show-vega", true, "targets", List.of("a", "b")).exit());
    assertEquals(
        1, run("plots show", "show-vega", true, "json", true, "targets", List.of("both")).exit());
  }

  @Test
  void templates_areNamed_andShown() throws IOException {
    List<String> names = run("plots templates").out().lines().toList();
    assertEquals(9, names.size());
    assertEquals("simple", names.getFirst());
    for (String name : names) {
      JsonNode template = json(run("plots templates", "template", name).out());
      assertTrue(template.toString().contains("<DVC_METRIC_DATA>"), name);
    }
    RecordedCall unknown = run("plots templates", "template", "nope");
    assertEquals("Unexpected template: nope.", unknown.failure());
    assertEquals(1, unknown.exit());
  }

  @Test
  void everyTemplate_isFilledCompletely() {
    for (String name : run("plots templates").out().lines().toList()) {
      for (String target : List.of("both", "one field", "test.csv")) {
        JsonNode content =
            plots("targets", List.of(target), "template", name).at("/data/" + target + "/0");
        assertFalse(content.toString().contains("<DVC_METRIC"), () -> name + " " + content);
        assertTrue(content.at("/content/data/values").size() > 1, name);
      }
    }
  }

  @Test
  void page_hasEverythingInIt() throws IOException {
    data.write("dvc.yaml", "plots:\n- train.csv: {y: loss, title: '</script><b>'}\n- pictures\n");
    data.commit("v2");
    RecordedCall call = run("plots diff", "revisions", List.of("v1", "v2"));
    assertEquals(0, call.exit(), call.failure());
    Path page = repository.resolve("dvc_plots/index.html");
    assertEquals(page.toUri().toString(), call.out().strip());
    String html = Files.readString(page);
    assertFalse(html.contains("</script><b>"), "no text ends a script");
    assertTrue(html.contains("data:image/png;base64,"));
    assertFalse(html.matches("(?s).*<(script|link|img)[^>]* (src|href)=.https?:.*"), "no network");
    assertTrue(html.indexOf("pictures/2.png</h2>") < html.indexOf("pictures/10.png</h2>"));
    assertTrue(
        html.indexOf("<figcaption style=\"border-color:#945dd6\">v1<")
            < html.indexOf("<figcaption style=\"border-color:#13adc7\">v2<"),
        "side by side");
  }

  @Test
  void page_ofAnOwnTemplate() throws IOException {
    data.write("page.html", "<html><head>{scripts}</head><body>mine {plot_divs}</body></html>");
    data.write("no.html", "<html></html>");
    assertEquals(0, run("plots show", "html-template", "page.html", "out", "a").exit());
    assertTrue(Files.readString(repository.resolve("a/index.html")).contains("<body>mine <div"));
    RecordedCall none = run("plots show", "html-template", "no.html", "out", "b");
    assertEquals("HTML template has to contain '{plot_divs}'.", none.failure());
    assertFalse(Files.exists(repository.resolve("b/index.html")));
    assertEquals(255, run("plots show", "html-template", "absent.html").exit());
  }

  @Test
  void configuration_saysWhereAndHow() throws IOException {
    data.write(".dvc/page.html", "<html>configured {plot_divs}</html>");
    data.write(
        ".dvc/config.local", "[plots]\n    html_template = page.html\n    out_dir = elsewhere\n");
    assertEquals(0, run("plots show").exit());
    assertTrue(Files.readString(repository.resolve("elsewhere/index.html")).contains("configured"));
  }
}
