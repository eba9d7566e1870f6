package io.revfs.plot.report;

import io.revfs.plot.Plot;
import io.revfs.plot.Plot.Picture;
import io.revfs.plot.PlotProblem;
import io.revfs.plot.vega.ChartSpec;
import java.io.IOException;
import java.io.Writer;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * One page with everything in it: scripts, data and pictures. It opens without a network and can be
 * sent to somebody. Immutable.
 */
public final class HtmlPage {
  private static final String STYLE =
      """
      <style>
      .revfs-plots{display:flex;flex-wrap:wrap;gap:24px;align-items:flex-start}
      .revfs-plot{overflow-x:auto;max-width:100%}
      .revfs-pictures{flex-basis:100%;overflow-x:auto}
      .revfs-pictures h2{font-size:1em;margin:0 0 8px}
      .revfs-row{display:flex;gap:16px}
      .revfs-row figure{margin:0;flex:none}
      .revfs-row figcaption{border-bottom:3px solid;margin-bottom:6px;padding-bottom:2px}
      .revfs-row img{max-width:640px;display:block}
      .revfs-problems{flex-basis:100%;font-size:.9em;color:#9b2c2c}
      </style>
      """;

  private final Report report;
  private final PageTemplate template;

  public HtmlPage(Report report, PageTemplate template) {
    this.report = report;
    this.template = template;
  }

  /** Writes the page. */
  public void writeTo(Writer page) throws IOException {
    template.write(
        page,
        Map.of(
            "scripts", to -> to.write(VegaScripts.elements() + STYLE), "plot_divs", this::plots));
  }

  private void plots(Writer page) throws IOException {
    page.write("<div class=\"revfs-plots\">\n");
    int number = 0;
    for (Report.Drawn drawn : report.charts()) {
      chart(page, "plot-" + ++number, drawn);
    }
    for (Plot.Pictures pictures : report.pictures()) {
      if (!pictures.pictures().isEmpty()) {
        pictures(page, pictures);
      }
    }
    problems(page);
    page.write("</div>\n");
  }

  private static void chart(Writer page, String id, Report.Drawn drawn) throws IOException {
    page.write("<section class=\"revfs-plot\"><div id=\"" + id + "\"></div>\n<script>\n");
    page.write("vegaEmbed('#" + id + "', ");
    HtmlText.writeScript(page, drawn.spec().content());
    page.write(
        ").catch(e => document.getElementById('%s').textContent = %s + ': ' + e.message);\n"
            .formatted(id, HtmlText.script(drawn.chart().name())));
    page.write("</script></section>\n");
  }

  private void pictures(Writer page, Plot.Pictures pictures) throws IOException {
    page.write(
        "<section class=\"revfs-pictures\"><h2>%s</h2><div class=\"revfs-row\">\n"
            .formatted(HtmlText.escaped(pictures.name())));
    for (Picture picture : pictures.pictures()) {
      int place = report.revisions().indexOf(picture.revision());
      page.write(
          "<figure><figcaption style=\"border-color:%s\">%s</figcaption><img alt=\"%s\" src=\""
              .formatted(
                  ChartSpec.color(place),
                  HtmlText.escaped(picture.revision()),
                  HtmlText.escaped(picture.file())));
      page.write("data:" + mediaType(picture.file()) + ";base64,");
      page.write(Base64.getEncoder().encodeToString(picture.bytes()));
      page.write("\"></figure>\n");
    }
    page.write("</div></section>\n");
  }

  private static String mediaType(String file) {
    String name = file.toLowerCase(Locale.ROOT);
    if (name.endsWith(".svg")) {
      return "image/svg+xml";
    }
    boolean jpeg = name.endsWith(".jpg") || name.endsWith(".jpeg");
    return jpeg ? "image/jpeg" : name.endsWith(".gif") ? "image/gif" : "image/png";
  }

  private void problems(Writer page) throws IOException {
    if (report.problems().isEmpty()) {
      return;
    }
    page.write("<section class=\"revfs-problems\"><h2>What is not shown</h2><ul>\n");
    for (Map.Entry<String, List<PlotProblem>> plot : report.problems().entrySet()) {
      for (PlotProblem problem : plot.getValue()) {
        String line =
            plot.getKey().isEmpty() || problem.message().contains(plot.getKey())
                ? problem.message()
                : plot.getKey() + ": " + problem.message();
        page.write(
            "<li>%s: %s</li>\n"
                .formatted(HtmlText.escaped(problem.revision()), HtmlText.escaped(line)));
      }
    }
    page.write("</ul></section>\n");
  }
}
