package io.revfs.plot.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.revfs.testing.Chromium;
import io.revfs.testing.RecordedCall;
import io.revfs.testing.RevisionCommands;
import io.revfs.testing.TestData;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Pages and drawings as a real browser shows them, without a network. */
class PlotsInBrowserTest {
  private static final Path KEPT = Path.of("target/plots"); // to be looked at

  @TempDir Path directory;
  private TestData data;
  private RevisionCommands commands;

  @BeforeEach
  void make() throws IOException {
    data = new TestData(directory);
    data.write(".gitignore", "/out\n");
    experiment(0.3);
    data.commit("first");
    experiment(0.12);
    data.commit("second");
    commands = new RevisionCommands(data.repository(), directory.resolve("revfs"));
    Files.createDirectories(KEPT);
  }

  @AfterEach
  void close() {
    commands.close();
  }

  /** Writes what a training leaves, the better the smaller the rate. */
  private void experiment(double rate) throws IOException {
    StringBuilder train = new StringBuilder("step,loss,acc\n");
    StringBuilder test = new StringBuilder("step,loss,acc\n");
    StringBuilder classes = new StringBuilder("actual,predicted\n");
    for (int step = 0; step < 40; step++) {
      double loss = Math.exp(-rate * step / 3) + 0.05 * Math.sin(step);
      train.append("%d,%.4f,%.4f%n".formatted(step, loss, 1 - loss));
      test.append("%d,%.4f,%.4f%n".formatted(step, loss + 0.1, 0.9 - loss));
      String[] names = {"cat", "dog", "fox"};
      classes.append(
          "%s,%s%n".formatted(names[step % 3], names[(step % (rate > 0.2 ? 4 : 5)) % 3]));
    }
    data.write("train.csv", train.toString());
    data.write("test.csv", test.toString());
    data.write("classes.csv", classes.toString());
    data.write("names.csv", "name,weight\nred,%s\ngreen,2\nblue,1\n".formatted(rate * 10));
    picture("pictures/10.png", 0x3366CC, rate);
    picture("pictures/2.png", 0xCC6633, rate);
    data.write(
        "pictures/drawn.svg",
        "<svg xmlns='http://www.w3.org/2000/svg' width='120' height='80'><circle r='%d' cx='60'"
                .formatted((int) (rate * 100))
            + " cy='40' fill='teal'/></svg>");
    data.write(
        "dvc.yaml",
        """
        plots:
        - Loss: {x: step, y: {train.csv: loss, test.csv: loss}, y_label: loss}
        - Both: {x: step, y: {train.csv: [loss, acc]}, template: simple}
        - Smooth: {x: step, y: {train.csv: acc}, template: smooth}
        - Scatter: {x: loss, y: {train.csv: acc}, template: scatter}
        - Jitter: {x: actual, y: {classes.csv: predicted}, template: scatter_jitter}
        - Confusion: {x: actual, y: {classes.csv: predicted}, template: confusion}
        - Normalized: {x: actual, y: {classes.csv: predicted}, template: confusion_normalized}
        - Bars: {x: weight, y: {names.csv: name}, template: bar_horizontal}
        - Sorted: {x: weight, y: {names.csv: name}, template: bar_horizontal_sorted}
        - pictures
        """);
  }

  private void picture(String path, int color, double rate) throws IOException {
    BufferedImage image = new BufferedImage(120, 80, BufferedImage.TYPE_INT_RGB);
    for (int x = 0; x < image.getWidth() * rate * 3; x++) {
      for (int y = 0; y < image.getHeight(); y++) {
        image.setRGB(Math.min(x, image.getWidth() - 1), y, color);
      }
    }
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    ImageIO.write(image, "png", bytes);
    Path file = data.repository().resolve(path);
    Files.createDirectories(file.getParent());
    Files.write(file, bytes.toByteArray());
  }

  private RecordedCall diff(Object... more) {
    Object[] pairs = new Object[more.length + 4];
    System.arraycopy(more, 0, pairs, 0, more.length);
    System.arraycopy(
        new Object[] {"revisions", List.of("first", "second"), "out", "out"},
        0,
        pairs,
        more.length,
        4);
    RecordedCall call = commands.run("plots diff", pairs);
    assertEquals("0 ", call.exit() + " " + call.failure());
    return call;
  }

  @Test
  void page_showsEveryPlot() throws IOException {
    diff();
    Path page = data.repository().resolve("out/index.html");
    Chromium chromium = new Chromium(directory);
    String shown = chromium.dump(page);
    for (int plot = 1; plot <= 9; plot++) {
      Matcher drawn =
          Pattern.compile("id=\"plot-%d\"[^>]*>(.*?)</section>".formatted(plot), Pattern.DOTALL)
              .matcher(shown);
      assertTrue(drawn.find(), "plot " + plot);
      assertTrue(drawn.group(1).contains("class=\"marks\""), "plot " + plot + " is not drawn");
    }
    assertEquals(6, shown.split("<img alt=", -1).length - 1);
    assertFalse(shown.contains("revfs-problems\">"), "nothing lacks");
    Path picture = KEPT.resolve("page.png").toAbsolutePath();
    chromium.screenshot(page, 1600, 2400, picture);
    assertTrue(colors(ImageIO.read(picture.toFile())) > 20, "the picture is not empty");
  }

  private static long colors(BufferedImage image) {
    return java.util.stream.IntStream.range(0, image.getWidth() * image.getHeight())
        .map(i -> image.getRGB(i % image.getWidth(), i / image.getWidth()))
        .distinct()
        .count();
  }

  @Test
  void export_drawsEachPlotIntoAFile() throws IOException {
    RecordedCall png = diff("export", "png");
    List<String> files = png.out().lines().toList();
    assertEquals(9 + 6, files.size(), png.out());
    Path loss = data.repository().resolve("out/Loss.png");
    assertEquals(loss.toString(), files.getFirst());
    BufferedImage image = ImageIO.read(loss.toFile());
    assertTrue(image.getWidth() > 600 && image.getHeight() > 600, "drawn twice as large");
    assertTrue(colors(image) > 20, "there is something in it");
    Files.copy(loss, KEPT.resolve("Loss.png"), java.nio.file.StandardCopyOption.REPLACE_EXISTING);
    diff("export", "svg", "targets", List.of("Loss"));
    String svg = Files.readString(data.repository().resolve("out/Loss.svg"));
    assertTrue(svg.startsWith("<svg"), svg.substring(0, 100));
    assertTrue(svg.contains(">train.csv</text>") && svg.contains(">second</text>"), "the legend");
  }

  @Test
  void export_ofWhatCannotBeDrawn_isOneLine() throws IOException {
    data.write(
        "odd.json",
        "{\"$schema\": \"https://vega.github.io/schema/vega-lite/v5.json\","
            + " \"data\": {\"values\": \"<DVC_METRIC_DATA>\"}, \"mark\": {\"type\": \"nothing\"}}");
    RecordedCall call =
        commands.run(
            "plots show", "export", "svg", "targets", List.of("Loss"), "template", "odd.json");
    assertEquals(1, call.exit(), call.failure());
    assertEquals(1, call.warnings().size(), call.warnings()::toString);
    assertTrue(call.warnings().getFirst().startsWith("warning: Loss: "), call.warnings()::toString);
    assertEquals("", call.out());
  }
}
