package io.revfs.command.plots;

import com.fasterxml.jackson.databind.JsonNode;
import io.revfs.command.CommandFailure;
import io.revfs.command.Invocation;
import io.revfs.plot.Plot;
import io.revfs.plot.report.DrawingPage;
import io.revfs.plot.report.HtmlPage;
import io.revfs.plot.report.PageTemplate;
import io.revfs.plot.report.Report;
import io.revfs.project.FileTrees;
import io.revfs.text.AtomicFile;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/** Files that plots are shown in, and the caller's browser, which draws and shows them. */
final class PlotFiles {
  private static final String PAGE = "index.html";

  /** As a shell says that there is no such command. */
  private static final int NOT_FOUND = 127;

  private final Invocation call;
  private final Report report;
  private final Path directory;

  PlotFiles(Invocation call, Report report, Path directory) {
    this.call = call;
    this.report = report;
    this.directory = directory;
  }

  /** Writes the page with everything in it; returns where it is. */
  Path page(PageTemplate template) throws IOException {
    Files.createDirectories(directory);
    Path page = directory.resolve(PAGE);
    HtmlPage content = new HtmlPage(report, template);
    AtomicFile.replace(page, call.umask(), out -> write(out, content::writeTo));
    return page;
  }

  private interface Content {
    void writeTo(Writer to) throws IOException;
  }

  private static void write(java.io.OutputStream out, Content content) throws IOException {
    Writer writer = new OutputStreamWriter(out, StandardCharsets.UTF_8);
    content.writeTo(writer);
    writer.flush();
  }

  /** Lets the caller's desktop show a page. */
  void open(Path page) throws IOException {
    String script =
        "if [ -n \"$BROWSER\" ]; then exec $BROWSER \"$1\"; fi;"
            + " command -v xdg-open >/dev/null 2>&1 || exit 127; exec xdg-open \"$1\"";
    if (run(directory, script, page.toUri().toString()) != 0) {
      throw new CommandFailure(
          "no browser could be opened", "open the page yourself: " + page, CommandFailure.FAILED);
    }
  }

  /**
   * Draws each chart into a file of its own, and writes pictures beside.
   *
   * @param scratch where files may be while the browser works
   */
  void draw(DrawingPage.Format format, Path scratch) throws IOException {
    Set<String> names = new HashSet<>();
    if (!report.charts().isEmpty()) {
      List<DrawingPage.Drawing> drawings = drawings(format, scratch);
      Files.createDirectories(directory);
      for (int i = 0; i < drawings.size(); i++) {
        DrawingPage.Drawing drawing = drawings.get(i);
        String plot = report.charts().get(i).chart().name();
        if (!drawing.problem().isEmpty()) {
          call.warn("warning: %s: %s".formatted(plot, drawing.problem()));
          call.exit(CommandFailure.FAILED);
          continue;
        }
        Path file = directory.resolve(fileName(plot, names) + "." + format.suffix());
        AtomicFile.replace(file, drawing.bytes(), call.umask());
        call.out(file.toString());
      }
    }
    for (Plot.Pictures pictures : report.pictures()) {
      for (Plot.Picture picture : pictures.pictures()) {
        call.out(PlotsJson.write(directory, picture).toString());
      }
    }
  }

  /** Names of plots may be any text; two may become the same. */
  private static String fileName(String plot, Set<String> taken) {
    String plain = plot.replaceAll("[^\\p{L}\\p{N}._-]+", "_").replaceFirst("^\\.+", "_");
    String name = plain;
    for (int i = 2; !taken.add(name); i++) {
      name = plain + "_" + i;
    }
    return name;
  }

  private List<DrawingPage.Drawing> drawings(DrawingPage.Format format, Path scratch)
      throws IOException {
    Path work = Files.createTempDirectory(scratch, "plots-");
    try {
      Path page = work.resolve(PAGE);
      AtomicFile.replace(
          page,
          call.umask(),
          out -> write(out, writer -> DrawingPage.write(writer, report.charts(), format)));
      int exit = run(work, browserScript());
      if (exit == NOT_FOUND) {
        throw new CommandFailure(
            "drawing %s needs Chromium or Chrome, and there is none"
                .formatted(format.suffix().toUpperCase(java.util.Locale.ROOT)),
            "install it (Debian: apt-get install chromium), or name one in REVFS_BROWSER",
            CommandFailure.OTHER);
      }
      Path dump = work.resolve("dump.html");
      if (exit != 0 || !Files.exists(dump)) {
        throw new CommandFailure(
            "the browser failed (%d): %s".formatted(exit, lastLine(work.resolve("browser.log"))),
            "try another one in REVFS_BROWSER, or open the page instead (without --export)",
            CommandFailure.OTHER);
      }
      return DrawingPage.read(Files.readString(dump));
    } finally {
      FileTrees.remove(work);
    }
  }

  private static String browserScript() throws IOException {
    try (InputStream in =
        Objects.requireNonNull(PlotFiles.class.getResourceAsStream("browser.sh"))) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  private static String lastLine(Path log) throws IOException {
    return Files.exists(log)
        ? Files.readString(log).strip().lines().reduce((a, b) -> b).orElse("it says nothing")
        : "it says nothing";
  }

  /** Lets the caller's process run a script of {@code sh}; returns its exit status. */
  private int run(Path where, String script, String... arguments) throws IOException {
    Map<String, Object> request =
        Map.of("script", script, "arguments", List.of(arguments), "directory", where.toString());
    JsonNode answer = call.request("script", request);
    if (!answer.isNumber()) {
      throw new CommandFailure(
          "no browser was started", "nobody was there to start it", CommandFailure.OTHER);
    }
    return answer.asInt();
  }
}
