package io.revfs.cli.dvc;

import java.util.List;

/** Recorded runs, which DVC does not have. */
final class TraceTable {
  private static final String RUN = "A run's name, or how it begins; the last one if not given.";

  private TraceTable() {}

  static List<DvcCommand> rows() {
    return List.of(
            DvcCommand.of(
                    "run",
                    "Run a command and record what it reads and writes.",
                    "-- make -j4; see: revfs trace show")
                .value(
                    "NAME",
                    "Write it down as a stage of dvc.yaml, with what it used.",
                    "-n",
                    "--name")
                .flag("Replace a stage of that name.", "-f", "--force")
                .value("FILE", "Write the trace to this file too, as JSON.", "--trace")
                .rest("command", "What to run; after --, if it has options."),
            DvcCommand.of("trace list", "List recorded runs, the newest first.", "")
                .flag("Of all working copies.", "--all"),
            DvcCommand.of("trace show", "Show what a run read and wrote.", "--format openlineage")
                .value("json|openlineage|prov", "As a document for programs.", "--format")
                .flag("Name what was only looked at, too.", "--stat")
                .mayHave("run", RUN + " Or an experiment's name."),
            DvcCommand.of(
                    "trace diff",
                    "Show what one run did otherwise than another.",
                    "20261125-1745 20261125-1812")
                .argument("run", "The older run's name, or how it begins.")
                .mayHave("other", RUN),
            DvcCommand.of(
                    "why",
                    "Say which run wrote a file, from what, by which command, back to the sources.",
                    "model.pkl")
                .argument("path", "A file of the working copy."),
            DvcCommand.of(
                    "uses", "Say which runs read a file, and what they made of it.", "raw.csv")
                .flag("Also runs that read it when it held something else.", "--all")
                .argument("path", "A file of the working copy."))
        .stream()
        .map(DvcCommand::notInDvc)
        .toList();
  }
}
