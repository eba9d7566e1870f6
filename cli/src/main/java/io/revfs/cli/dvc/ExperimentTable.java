package io.revfs.cli.dvc;

import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** Commands on experiments and their queue (contract 1.7). */
final class ExperimentTable {
  private static final String REMOTE = "A Git remote's name or URL.";

  private ExperimentTable() {}

  static List<DvcCommand> rows() {
    return List.of(
        withRepro(
                DvcCommand.of(
                    "exp run", "Run an experiment.", "-n warm -S train.lr=0.3 -S train.depth=4"))
            .value("NAME", "The experiment's name.", "-n", "--name")
            .repeated("[FILE:]KEY=VALUE", "Change a parameter for this run.", "-S", "--set-param")
            .flag("Only put it into the queue.", "--queue")
            .flag("Run all that is in the queue.", "--run-all")
            .number("N", "So many at once.", "-j", "--jobs")
            .flag("Run it beside the work tree.", "--temp")
            .repeated("PATH", "Copy this too, which Git does not track.", "-C", "--copy-paths")
            .value("TEXT", "The commit's message.", "-m", "--message", "-M")
            .flag("Do not compose parameters with Hydra.", "--no-hydra")
            .arguments("targets", 0, "Stages; all of dvc.yaml if none is given."),
        DvcCommand.of("exp save", "Make an experiment of the work tree as it is.", "-n by-hand")
            .with(List.of(SharedOptions.RECURSIVE))
            .flag("Replace an experiment of that name.", "-f", "--force")
            .value("NAME", "The experiment's name.", "-n", "--name")
            .repeated("PATH", "Take this too.", "-I", "--include-untracked")
            .value("TEXT", "The commit's message.", "-m", "--message", "-M")
            .arguments("targets", 0, "Stages and .dvc files to record; all if none is given."),
        ofBaselines(DvcCommand.of("exp show", "Show experiments side by side.", "--sort-by acc"))
            .flag("Those of all branches.", "-a", "--all-branches")
            .flag("Those of all tags.", "-T", "--all-tags")
            .flag("Do not use a pager.", "--no-pager")
            .flag("Only columns in which rows differ.", "--only-changed")
            .repeated("REGEX", "Without these columns.", "--drop")
            .repeated("REGEX", "With these columns in any case.", "--keep")
            .flag("Only parameters that stages depend on.", "--param-deps")
            .value("NAME", "Sort by a metric or parameter.", "--sort-by")
            .value("asc|desc", "How; asc if not given.", "--sort-order")
            .flag("Commits' ids instead of names.", "--sha")
            .flag("Without those that failed.", "--hide-failed")
            .flag("Without those in the queue.", "--hide-queued")
            .flag("Without the work tree.", "--hide-workspace")
            .flag("As CSV.", "--csv")
            .flag("As a Markdown table.", "--md")
            .number("N", "Significant digits of numbers; 5 if not given.", "--precision")
            .flag("Read all anew.", "-f", "--force")
            .flag("Tell what running ones reach, as it comes; not DVC's.", "--live")
            .flag("Without what running ones have reached.", "--no-fetch"),
        DvcCommand.of("exp diff", "Compare two experiments.", "warm cold")
            .flag("Unchanged values too.", "--all")
            .flag("Only parameters that stages depend on.", "--param-deps")
            .flag("As a Markdown table.", "--md")
            .flag("Without files' names.", "--no-path")
            .number("N", "Digits after the point; 5 if not given.", "--precision")
            .mayHave("a_rev", "The older; HEAD if not given.")
            .mayHave("b_rev", "The newer; the work tree if not given."),
        ofBaselines(DvcCommand.of("exp list", "List experiments.", "origin"))
            .alias("ls")
            .flag("Only names.", "--name-only", "--names-only")
            .flag("Only commits.", "--sha-only", "--shas-only")
            .mayHave("git_remote", REMOTE),
        DvcCommand.of("exp apply", "Bring an experiment into the work tree.", "warm")
            .flag("Has no effect any more.", "--no-force")
            .argument("experiment", "Its name."),
        DvcCommand.of("exp branch", "Make a branch of an experiment.", "warm good-idea")
            .argument("experiment", "Its name.")
            .mayHave("branch", "The branch's name; NAME-branch if not given."),
        ofBaselines(DvcCommand.of("exp remove", "Forget experiments.", "warm cold"))
            .alias("rm")
            .flag("Those named are the ones to keep.", "--keep")
            .flag("Those in the queue.", "--queue")
            .value("REMOTE", "Of this Git remote.", "-g", "--git-remote")
            .arguments("experiments", 0, "Their names."),
        DvcCommand.of("exp rename", "Give an experiment another name.", "warm warmer")
            .value("REMOTE", "On this Git remote.", "-g", "--git-remote")
            .flag("Replace an experiment of the new name.", "-f", "--force")
            .arguments("names", 1, "The name, and the new name."),
        shared(DvcCommand.of("exp push", "Share experiments by a Git remote.", "origin warm"))
            .flag("Replace what is there.", "-f", "--force")
            .argument("git_remote", REMOTE)
            .arguments("experiments", 0, "Their names; all of HEAD if none is given."),
        shared(DvcCommand.of("exp pull", "Bring shared experiments here.", "origin warm"))
            .flag("Replace what is here.", "-f", "--force")
            .argument("git_remote", REMOTE)
            .arguments("experiments", 0, "Their names; all of HEAD if none is given."),
        DvcCommand.of("exp clean", "Remove what runs left behind.", ""),
        DvcCommand.of("exp exec-run", "Run a task of the queue.", "--task ID")
            .value("ID", "The task.", "--task")
            .with(executor())
            .notInHelp(),
        DvcCommand.of("exp queue-worker", "Run tasks of the queue.", "--number 1")
            .number("N", "The worker's number.", "--number")
            .with(executor())
            .mayHave("name", "DVC's name of a worker; has no effect.")
            .flag("Has no effect.", "--clean")
            .notInHelp(),
        DvcCommand.of("queue start", "Start to run what is in the queue.", "-j 4")
            .number("N", "So many at once.", "-j", "--jobs")
            .with(executor()),
        DvcCommand.of("queue stop", "Stop after what runs now.", "--kill")
            .flag("End what runs now.", "--kill"),
        DvcCommand.of("queue status", "Say what is in the queue.", ""),
        DvcCommand.of("queue logs", "Show what a task prints.", "-f warm")
            .value("NAME", "The encoding of what it prints.", "-e", "--encoding")
            .flag("Until it ends.", "-f", "--follow")
            .argument("task", "Its name or how its id begins."),
        DvcCommand.of("queue remove", "Forget tasks, their logs and outputs.", "--failed")
            .flag("All that do not run.", "--all")
            .flag("Those that wait.", "--queued")
            .flag("Those that are done.", "--success")
            .flag("Those that failed.", "--failed")
            .arguments("task", 0, "Their names."),
        DvcCommand.of("queue kill", "End tasks that run.", "warm")
            .flag("At once.", "-f", "--force")
            .arguments("task", 0, "Their names."));
  }

  /** Where stages run: as {@code repro} has it. */
  private static List<DvcOption> executor() {
    return reproOptions().filter(option -> option.key().equals("executor")).toList();
  }

  private static Stream<DvcOption> reproOptions() {
    return PipelineTable.rows().stream()
        .filter(other -> other.name().equals("repro"))
        .flatMap(other -> other.options().stream());
  }

  /** All that {@code repro} can do; how many stages run at once is not asked here. */
  private static DvcCommand withRepro(DvcCommand row) {
    return row.with(
            reproOptions()
                .filter(option -> !Set.of("jobs", "force").contains(option.key()))
                .toList())
        .flag(
            "Run stages even if nothing changed; replace an experiment of that name.",
            "-f",
            "--force");
  }

  private static DvcCommand ofBaselines(DvcCommand row) {
    return row.flag("Those of all commits.", "-A", "--all-commits")
        .repeated("COMMIT", "Those that began with this commit; HEAD if not given.", "--rev")
        .number("N", "Of that commit and its N-1 parents.", "-n", "--num");
  }

  private static DvcCommand shared(DvcCommand row) {
    return ofBaselines(row)
        .flag("Without their data.", "--no-cache")
        .with(List.of(SharedOptions.REMOTE, SharedOptions.JOBS))
        .with(SharedOptions.RUN_CACHE);
  }
}
