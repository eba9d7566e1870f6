package io.revfs.cli.dvc;

import java.util.List;

/** Commands that move data to and from elsewhere (contract 1.3). */
final class TransferTable {
  private static final String TARGETS = "Tracked paths, .dvc files, stages; all if none is given.";

  private TransferTable() {}

  static List<DvcCommand> rows() {
    return List.of(
        between("push", "Bring data from the cache to the remote.", "-j 16")
            .flag("Targets are patterns.", "--glob")
            .arguments("targets", 0, TARGETS),
        between("pull", "Bring data from the remote here.", "data.dvc")
            .with(List.of(SharedOptions.FORCE))
            .flag("Leave out what is missing.", "--allow-missing")
            .flag("Targets are patterns.", "--glob")
            .arguments("targets", 0, TARGETS),
        between("fetch", "Bring data from the remote to the cache.", "--all-tags")
            .number("BYTES", "Only objects of at most so many bytes.", "--max-size")
            .repeated("metrics|plots", "Only outputs of this type.", "--type")
            .arguments("targets", 0, TARGETS),
        DvcCommand.of("gc", "Remove objects that nothing in scope names.", "-w -T")
            .flag("Keep what the work tree names.", "-w", "--workspace")
            .value("COMMIT", "Keep what this commit names.", "--rev")
            .number("N", "With --rev: and its N-1 parents.", "-n", "--num")
            .with(SharedOptions.REVISIONS)
            .value("DATE", "Keep what commits since then name (YYYY-MM-DD).", "--date")
            .flag("Keep what experiments name.", "--all-experiments")
            .flag("Keep what is on no remote.", "--not-in-remote")
            .flag("On the remote too.", "-c", "--cloud")
            .with(List.of(SharedOptions.REMOTE))
            .flag("Go on if a revision cannot be read.", "--skip-failed")
            .with(List.of(SharedOptions.FORCE, SharedOptions.JOBS))
            .list("PATH", "Keep what these projects name too.", "-p", "--projects")
            .flag("Only say what would be removed.", "--dry"),
        DvcCommand.of(
                "get",
                "Copy a file or directory of a repository here.",
                "https://example.com/repo.git data")
            .value("PATH", "Where to.", "-o", "--out")
            .value("REV", "The revision.", "--rev")
            .flag("Only say where it is stored.", "--show-url")
            .with(List.of(SharedOptions.JOBS, SharedOptions.REPLACE))
            .with(SharedOptions.OTHER_REPOSITORY)
            .argument("url", "A repository: a directory or a URL.")
            .argument("path", "What to copy."),
        DvcCommand.of(
                "get-url", "Copy a file or directory of a store here.", "s3://bucket/data data")
            .with(List.of(SharedOptions.JOBS, SharedOptions.REPLACE, SharedOptions.FS_CONFIG))
            .argument("url", "What to copy.")
            .mayHave("out", "Where to."),
        DvcCommand.of(
                "import",
                "Copy data of a repository here and track where it is from.",
                "https://example.com/repo.git data --rev v1.2")
            .value("PATH", "Where to.", "-o", "--out")
            .with(List.of(SharedOptions.REPLACE))
            .value("REV", "The revision.", "--rev")
            .flag("Only write the .dvc file.", "--no-exec")
            .flag("Write the .dvc file with hashes, without the data.", "--no-download")
            .with(List.of(SharedOptions.JOBS))
            .with(SharedOptions.OTHER_REPOSITORY)
            .argument("url", "A repository: a directory or a URL.")
            .argument("path", "What to copy."),
        DvcCommand.of(
                "import-url",
                "Copy data of a store here and track where it is from.",
                "s3://bucket/data data")
            .flag("Bring it to the remote only.", "--to-remote")
            .with(List.of(SharedOptions.REMOTE))
            .flag("Only write the .dvc file.", "--no-exec")
            .flag("Write the .dvc file with hashes, without the data.", "--no-download")
            .with(List.of(SharedOptions.JOBS, SharedOptions.REPLACE))
            .flag("Track the store's versions.", "--version-aware")
            .with(List.of(SharedOptions.FS_CONFIG))
            .argument("url", "What to copy.")
            .mayHave("out", "Where to."),
        DvcCommand.of("update", "Bring imports up to their sources.", "data.dvc")
            .value("REV", "The revision to update to.", "--rev")
            .with(List.of(SharedOptions.RECURSIVE))
            .flag("Update the .dvc file only.", "--no-download")
            .flag("Bring it to the remote only.", "--to-remote")
            .with(List.of(SharedOptions.REMOTE, SharedOptions.JOBS))
            .arguments("targets", 1, ".dvc files of imports."),
        DvcCommand.of(
                "artifacts get",
                "Copy an artifact of a model registry here.",
                "https://example.com/repo.git model")
            .value("VERSION", "The version.", "--rev")
            .value("STAGE", "The version that is in this stage.", "--stage")
            .value("PATH", "Where to.", "-o", "--out")
            .flag("Only say where it is stored.", "--show-url")
            .with(List.of(SharedOptions.JOBS, SharedOptions.REPLACE))
            .with(SharedOptions.OTHER_REPOSITORY)
            .argument("url", "A repository: a directory or a URL.")
            .argument("name", "The artifact."));
  }

  private static DvcCommand between(String name, String summary, String example) {
    return DvcCommand.of(name, summary, example)
        .with(List.of(SharedOptions.JOBS, SharedOptions.REMOTE))
        .with(SharedOptions.REVISIONS)
        .with(List.of(SharedOptions.WITH_DEPS, SharedOptions.RECURSIVE))
        .with(SharedOptions.RUN_CACHE);
  }
}
