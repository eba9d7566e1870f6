package io.revfs.cli.dvc;

import java.util.List;

/** Commands over stages, their parameters and metrics (contract 1.5, 1.6). */
final class PipelineTable {
  private static final String OLDER = "The older; HEAD if not given.";
  private static final String NEWER = "The newer; the work tree if not given.";

  private PipelineTable() {}

  static List<DvcCommand> rows() {
    return List.of(
        DvcCommand.of("stage list", "List stages and what they are for.", "--all")
            .flag("All stages of the project.", "--all")
            .flag("Fail if a file cannot be read.", "--fail")
            .with(List.of(SharedOptions.RECURSIVE))
            .flag("Only names.", "--name-only", "--names-only")
            .arguments("targets", 0, "Files of stages; dvc.yaml if none is given."),
        DvcCommand.of(
                "stage add",
                "Write a stage into dvc.yaml.",
                "-n train -d data -o model sh train.sh")
            .value("NAME", "The stage's name.", "-n", "--name")
            .flag("Replace a stage of that name.", "-f", "--force")
            .repeated("PATH", "What it depends on.", "-d", "--deps")
            .repeated("[FILE:]KEYS", "Parameters that it depends on.", "-p", "--params")
            .repeated("PATH", "What it makes.", "-o", "--outs")
            .repeated("PATH", "What it makes for Git.", "-O", "--outs-no-cache")
            .repeated("PATH", "What it adds to when it runs again.", "--outs-persist")
            .repeated(
                "PATH", "What it adds to when it runs again, for Git.", "--outs-persist-no-cache")
            .repeated("PATH", "Metrics that it makes.", "-m", "--metrics")
            .repeated("PATH", "Metrics for Git.", "-M", "--metrics-no-cache")
            .repeated("PATH", "Plots that it makes.", "--plots")
            .repeated("PATH", "Plots for Git.", "--plots-no-cache")
            .value("PATH", "Where it runs.", "-w", "--wdir")
            .flag("Run it each time.", "--always-changed")
            .value("TEXT", "What it is for.", "--desc")
            .flag("Run it now.", "--run")
            .rest("command", "What it runs."),
        DvcCommand.of("repro", "Run the stages whose inputs changed.", "train")
            .flag("Run stages even if nothing changed.", "-f", "--force")
            .number("N", "Stages at once; one if not given.", "-j", "--jobs")
            .value("local|slurm", "Where stages run; here if not given.", "--executor")
            .flag("Say why each stage runs; with --dry of all stages, and why not.", "--explain")
            .flag(
                "Record what stages read and write, and say what they do not declare; always so in"
                    + " an attached working copy.",
                "--record")
            .flag("Record nothing, wherever it is.", "--no-record")
            .flag("As --record, and add what is not declared to dvc.yaml.", "--fix")
            .flag(
                "Fail if a stage changes its inputs, leaves processes, or uses more than it says.",
                "--strict")
            .flag("Ask before each stage.", "-i", "--interactive")
            .flag("Only the stages named, not those they need.", "-s", "--single-item")
            .flag("The whole pipelines that the stages are in.", "-p", "--pipeline")
            .flag("All pipelines.", "-P", "--all-pipelines")
            .with(List.of(SharedOptions.RECURSIVE))
            .flag("What needs the stages instead of what they need.", "--downstream")
            .flag("Run what needs a stage that ran, too.", "--force-downstream")
            .flag("Bring data that is missing.", "--pull")
            .flag("Data that is only missing is no change.", "--allow-missing")
            .flag("Only say what would be run.", "--dry")
            .flag("Go on with what does not need a stage that fails.", "-k", "--keep-going")
            .flag("Go on whatever fails.", "--ignore-errors")
            .flag("Targets are patterns.", "--glob")
            .flag("Do not put outputs into the cache.", "--no-commit")
            .flag("Run again what was run before.", "--no-run-cache")
            .arguments("targets", 0, "Stages; all of dvc.yaml if none is given."),
        DvcCommand.of("dag", "Show which stages need which.", "--mermaid")
            .flag("For Graphviz.", "--dot")
            .flag("For Mermaid.", "--mermaid")
            .flag("For Mermaid, in Markdown.", "--md")
            .flag("All that is connected to the target.", "--full")
            .flag("Outputs in place of stages.", "-o", "--outs")
            .flag("A loop's stages as one.", "--collapse-foreach-matrix")
            .mayHave("target", "A stage or output."),
        DvcCommand.of("metrics show", "Show metrics.", "-T")
            .with(SharedOptions.REVISIONS)
            .flag("As a Markdown table.", "--md")
            .with(List.of(SharedOptions.RECURSIVE))
            .number("N", "Digits after the point; 5 if not given.", "--precision")
            .arguments("targets", 0, "Metrics files; all if none is given."),
        diff("metrics diff", "Compare metrics of two revisions.")
            .with(List.of(SharedOptions.RECURSIVE))
            .number("N", "Digits after the point; 5 if not given.", "--precision"),
        diff("params diff", "Compare parameters of two revisions.")
            .flag("Only what stages depend on.", "--deps"));
  }

  private static DvcCommand diff(String name, String summary) {
    return DvcCommand.of(name, summary, "v1 v2")
        .list("PATH", "Only these files.", "--targets")
        .flag("Unchanged values too.", "--all")
        .flag("As a Markdown table.", "--md")
        .flag("Without files' names.", "--no-path")
        .mayHave("a_rev", OLDER)
        .mayHave("b_rev", NEWER);
  }
}
