package io.revfs.command.plots;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.revfs.testing.RecordedCall;
import io.revfs.testing.RevisionCommands;
import io.revfs.testing.TestData;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Properties of plots written into {@code dvc.yaml} and {@code .dvc} files. */
class PlotsModifyTest {
  private static final String BEFORE =
      """
      # what is made
      stages:
        train:
          cmd: sh train.sh
          outs:
          - model # large
          - table.csv
          plots:
          - loss.csv:
              cache: false
              x: step
          - acc.csv
        each:
          foreach: [a, b]
          do:
            cmd: echo
            plots: ["${item}.csv"]
      """;

  @TempDir Path directory;
  private TestData data;
  private RevisionCommands commands;

  @BeforeEach
  void make() throws IOException {
    data = new TestData(directory);
    data.write("dvc.yaml", BEFORE);
    commands = new RevisionCommands(data.repository(), directory.resolve("revfs"));
  }

  @AfterEach
  void close() {
    commands.close();
  }

  private RecordedCall modify(Object... pairs) {
    return commands.run("plots modify", pairs);
  }

  private void check(String before, String after) throws IOException {
    assertTrue(BEFORE.contains(before));
    assertEquals(
        BEFORE.replace(before, after), Files.readString(data.repository().resolve("dvc.yaml")));
  }

  @Test
  void properties_areAddedAndChanged_allElseStays() throws IOException {
    RecordedCall call =
        modify("target", "loss.csv", "y", "loss", "x", "epoch", "x-label", "E", "no-header", true);
    assertEquals("0 ", call.exit() + " " + call.failure());
    check(
        "        x: step\n",
        "        x: epoch\n        y: loss\n        x_label: E\n        header: false\n");
  }

  @Test
  void aPlotWithoutProperties_getsSome() throws IOException {
    assertEquals(0, modify("target", "acc.csv", "template", "simple").exit());
    check("    - acc.csv\n", "    - acc.csv:\n        template: simple\n");
  }

  @Test
  void anotherOutput_becomesAPlot() throws IOException {
    assertEquals(0, modify("target", "table.csv", "title", "T").exit());
    String text = Files.readString(data.repository().resolve("dvc.yaml"));
    assertTrue(text.contains("    outs:\n    - model # large\n    plots:\n"), text);
    assertTrue(text.contains("    - acc.csv\n    - table.csv:\n        title: T\n"), text);
  }

  @Test
  void unset_takesPropertiesOut() throws IOException {
    assertEquals(0, modify("target", "loss.csv", "unset", List.of("x")).exit());
    check("        x: step\n", "");
    assertEquals(0, modify("target", "loss.csv", "x", "step").exit());
    check("        x: step\n", "        x: step\n");
  }

  @Test
  void whatCannotBeDone_isSaid_andNothingIsWritten() throws IOException {
    for (RecordedCall call :
        List.of(
            modify("target", "nope.csv", "x", "a"),
            modify("target", "loss.csv", "template", "nope"),
            modify("target", "loss.csv", "unset", List.of("title")),
            modify("target", "model", "unset", List.of("x")),
            modify("target", "a.csv", "x", "b"))) {
      assertEquals(255, call.exit(), call.failure());
      assertEquals(1, call.failure().lines().count());
    }
    assertEquals(BEFORE, Files.readString(data.repository().resolve("dvc.yaml")));
  }

  @Test
  void dataOfADvcFile_becomesAPlot() throws IOException {
    String md5 = data.file("own.csv", new byte[] {1});
    assertEquals(0, modify("target", "own.csv", "x", "a").exit());
    assertEquals(
        "outs:\n- md5: %s\n  size: 1\n  hash: md5\n  path: own.csv\n  plot:\n    x: a\n"
            .formatted(md5),
        Files.readString(data.repository().resolve("own.csv.dvc")));
  }
}
