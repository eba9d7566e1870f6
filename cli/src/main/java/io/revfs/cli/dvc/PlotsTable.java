package io.revfs.cli.dvc;

import java.util.List;

/** Commands over plots (contract 1.6). */
final class PlotsTable {
  private PlotsTable() {}

  static List<DvcCommand> rows() {
    return List.of(
        shown(
            DvcCommand.of("plots show", "Show plots in a page.", "--open")
                .arguments(
                    "targets", 0, "Files, directories, or names of plots; all if none is given.")),
        shown(
            DvcCommand.of(
                    "plots diff", "Show plots of several revisions in one page.", "main HEAD~1")
                .list("PATH", "Only these files or names of plots.", "--targets")
                .flag("Compare an experiment with the commit it began at.", "-e", "--experiment")
                .arguments("revisions", 0, "Revisions; the work tree, and HEAD if that differs.")),
        properties(DvcCommand.of("plots modify", "Say how an output is drawn.", "loss.csv -x step"))
            .list("PROPERTY", "Take these properties out.", "--unset")
            .argument("target", "An output of a stage."),
        DvcCommand.of("plots templates", "List templates, or show one.", "linear")
            .mayHave("template", "The one to show."));
  }

  private static DvcCommand properties(DvcCommand command) {
    return command
        .value("TEMPLATE", "A template's name, or a file of Vega-Lite.", "-t", "--template")
        .value("FIELD", "The field for the horizontal axis.", "-x")
        .value("FIELD", "The field for the vertical axis.", "-y")
        .flag("The tables have no header: columns are 0, 1, ….", "--no-header")
        .value("TEXT", "The title.", "--title")
        .value("TEXT", "The text at the horizontal axis.", "--x-label")
        .value("TEXT", "The text at the vertical axis.", "--y-label");
  }

  private static DvcCommand shown(DvcCommand command) {
    return properties(command)
        .value("DIR", "Where the page is written; dvc_plots if not given.", "-o", "--out")
        .flag("Print what Vega-Lite draws, of one plot.", "--show-vega")
        .flag("With --json: leave what a viewer chooses out of templates.", "--split")
        .flag("Open the page in a browser.", "--open")
        .value("FILE", "A page with {scripts} and {plot_divs}.", "--html-template")
        .value("png|svg", "Draw each plot into a file instead, by Chromium.", "--export");
  }
}
