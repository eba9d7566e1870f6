package io.revfs.cli.dvc;

import java.util.List;

/** Commands that track data in a work tree and look at it (contract 1.2). */
final class TrackingTable {
  private static final String TARGETS = "Tracked paths, .dvc files, stages; all if none is given.";

  private TrackingTable() {}

  static List<DvcCommand> rows() {
    return List.of(
        DvcCommand.of("add", "Track files or directories.", "data/train model.bin")
            .flag("Leave the data out of the cache.", "--no-commit")
            .flag("Targets are patterns.", "--glob")
            .value("PATH", "Bring the target here and track it.", "-o", "--out")
            .flag("Bring the target to the remote only.", "--to-remote")
            .with(List.of(SharedOptions.REMOTE))
            .number("N", "Transfers at once, with --to-remote.", "--remote-jobs")
            .flag("Replace what is there.", "-f", "--force")
            .flag("Do not link what is in the cache to here.", "--no-relink")
            .arguments("targets", 1, "Files or directories."),
        DvcCommand.of("commit", "Record changed data as it is now.", "data.dvc")
            .with(List.of(SharedOptions.FORCE, SharedOptions.WITH_DEPS, SharedOptions.RECURSIVE))
            .flag("Do not link what is in the cache to here.", "--no-relink")
            .arguments("targets", 0, TARGETS),
        DvcCommand.of(
                "checkout", "Bring the data that .dvc files and dvc.lock name here.", "data.dvc")
            .flag("Only say how much changed.", "--summary")
            .with(List.of(SharedOptions.WITH_DEPS, SharedOptions.RECURSIVE, SharedOptions.FORCE))
            .flag("Make the links or copies anew.", "--relink")
            .flag("Leave out what is not in the cache.", "--allow-missing")
            .arguments("targets", 0, TARGETS),
        DvcCommand.of("move", "Move tracked data and its .dvc file.", "data data/raw")
            .alias("mv")
            .argument("src", "What to move.")
            .argument("dst", "Where to."),
        DvcCommand.of("remove", "Stop tracking; data stays unless --outs is given.", "data.dvc")
            .alias("rm")
            .flag("Remove the data from here too.", "--outs")
            .arguments("targets", 1, ".dvc files or stages."),
        DvcCommand.of(
                "unprotect", "Make data that is linked to the cache writable.", "data/labels.csv")
            .arguments("targets", 1, "Paths."),
        DvcCommand.of("freeze", "Let repro and update leave stages alone.", "train")
            .arguments("targets", 1, "Stages or .dvc files."),
        DvcCommand.of("unfreeze", "Undo freeze.", "train")
            .arguments("targets", 1, "Stages or .dvc files."),
        DvcCommand.of(
                "status", "Say what changed since it was recorded, or against a remote.", "-c")
            .with(List.of(SharedOptions.JOBS))
            .flag("Compare the cache with the remote.", "-c", "--cloud")
            .with(List.of(SharedOptions.REMOTE))
            .with(SharedOptions.REVISIONS)
            .with(List.of(SharedOptions.WITH_DEPS, SharedOptions.RECURSIVE))
            .flag("Do not ask sources of imports.", "--no-updates")
            .flag("Say of each stage why repro would run it, or why not.", "--explain")
            .arguments("targets", 0, TARGETS),
        DvcCommand.of(
                "data status", "Say what changed: committed, uncommitted, missing.", "--granular")
            .flag("File by file in directories.", "--granular")
            .flag("Show what is unchanged, too.", "--unchanged")
            .optional("no|all", "Show files that are not tracked.", "--untracked-files")
            .flag("Show what the remote lacks.", "--not-in-remote")
            .with(List.of(SharedOptions.REMOTE))
            .flag("Believe what is remembered of the remote.", "--no-remote-refresh")
            .arguments("targets", 0, "Paths; all if none is given."),
        DvcCommand.of("diff", "Compare tracked data of two revisions.", "v1 v2")
            .list("PATH", "Only these paths.", "--targets")
            .flag("Show hashes.", "--show-hash")
            .flag("As a Markdown table.", "--md")
            .flag("Leave out what is not in the cache.", "--hide-missing")
            .mayHave("a_rev", "The older; HEAD if not given.")
            .mayHave("b_rev", "The newer; the work tree if not given."),
        DvcCommand.of(
                "list",
                "List a directory of a repository: Git's files and DVC's outputs.",
                ". data -R --size")
            .alias("ls")
            .with(List.of(SharedOptions.RECURSIVE))
            .flag("As a tree.", "-T", "--tree")
            .number("N", "So many levels deep.", "-L", "--level")
            .flag("Only what DVC tracks.", "--dvc-only")
            .value("REV", "The revision.", "--rev")
            .with(SharedOptions.OTHER_REPOSITORY)
            .flag("Show sizes.", "--size")
            .flag("Show hashes.", "--show-hash")
            .argument("url", "A repository: a directory or a URL.")
            .mayHave("path", "A path in it."),
        DvcCommand.of("list-url", "List a directory on a store.", "s3://bucket/data")
            .alias("ls-url")
            .with(List.of(SharedOptions.RECURSIVE))
            .flag("As a tree.", "-T", "--tree")
            .number("N", "So many levels deep.", "-L", "--level")
            .flag("Show sizes.", "--size")
            .with(List.of(SharedOptions.FS_CONFIG))
            .argument("url", "A directory on a store."),
        DvcCommand.of("du", "Say how large tracked data is.", ". data")
            .value("REV", "The revision.", "--rev")
            .flag("Only the sum.", "-s", "--summarize")
            .with(SharedOptions.OTHER_REPOSITORY)
            .argument("url", "A repository: a directory or a URL.")
            .mayHave("path", "A path in it."));
  }
}
