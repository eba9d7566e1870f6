package io.revfs.cli.dvc;

import java.util.List;

/** Commands that make, look at and configure a project (contract 1.1, 1.4). */
final class ProjectTable {
  private ProjectTable() {}

  static List<DvcCommand> rows() {
    return List.of(
        DvcCommand.of("init", "Make a DVC project.", "--subdir")
            .flag("Without Git.", "--no-scm")
            .flag("Also if there is one already, which goes.", "-f", "--force")
            .flag("Below the top of the Git repository.", "--subdir")
            .mayHave("directory", "Where; here if not given."),
        DvcCommand.of(
                "destroy", "Remove all of DVC from the project; data in the work tree stays.", "-f")
            .with(List.of(SharedOptions.FORCE)),
        DvcCommand.of("root", "Say where the project's root is.", ""),
        DvcCommand.of("version", "Say what is installed and how the project is set up.", "")
            .alias("doctor"),
        DvcCommand.of("install", "Let Git run DVC at commit, checkout, push and merge.", "")
            .flag("Through the pre-commit tool.", "--use-pre-commit-tool"),
        DvcCommand.of("git-hook pre-commit", "What Git runs before a commit.", "")
            .arguments("args", 0, "Git's own.")
            .notInHelp(),
        DvcCommand.of("git-hook post-checkout", "What Git runs after a checkout.", "HEAD~1 HEAD 1")
            .arguments("args", 0, "Git's own.")
            .notInHelp(),
        DvcCommand.of("git-hook pre-push", "What Git runs before a push.", "origin")
            .arguments("args", 0, "Git's own.")
            .notInHelp(),
        DvcCommand.of(
                "git-hook merge-driver",
                "Merges two versions of a .dvc file.",
                "--ancestor %O --our %A --their %B")
            .value("PATH", "The version both come from.", "--ancestor")
            .value("PATH", "Ours; the result is written here.", "--our")
            .value("PATH", "Theirs.", "--their")
            .notInHelp(),
        DvcCommand.of(
                "config",
                "Show or set options of the configuration.",
                "cache.type reflink,hardlink,copy")
            .flag("Take the option out.", "-u", "--unset")
            .flag("Show all options.", "-l", "--list")
            .flag("Show which file an option is from.", "--show-origin")
            .with(SharedOptions.LEVELS)
            .mayHave("name", "section.option or remote.NAME.option.")
            .mayHave("value", "What to set it to."),
        DvcCommand.of("check-ignore", "Say which paths .dvcignore takes out.", "-d data/tmp")
            .flag("Show the rule that decides.", "-d", "--details")
            .flag("Show all rules that match.", "-a", "--all")
            .flag("Show paths that no rule matches, too.", "-n", "--non-matching")
            .standardInput("Read paths from standard input.")
            .arguments("targets", 0, "Paths."),
        DvcCommand.of("remote add", "Add a remote.", "-d store s3://bucket/data")
            .flag("Make it the default.", "-d", "--default")
            .flag("Also if there is one of that name.", "-f", "--force")
            .with(SharedOptions.LEVELS)
            .argument("name", "Its name.")
            .argument("url", "Where it is."),
        DvcCommand.of("remote default", "Show or set the default remote.", "store")
            .flag("Take the default out.", "-u", "--unset")
            .with(SharedOptions.LEVELS)
            .mayHave("name", "The new default."),
        DvcCommand.of("remote modify", "Set an option of a remote.", "store region eu-north-1")
            .flag("Take the option out.", "-u", "--unset")
            .with(SharedOptions.LEVELS)
            .argument("name", "The remote.")
            .argument("option", "The option.")
            .mayHave("value", "What to set it to."),
        DvcCommand.of("remote list", "Show the remotes.", "").with(SharedOptions.LEVELS),
        DvcCommand.of("remote remove", "Take a remote out.", "store")
            .with(SharedOptions.LEVELS)
            .argument("name", "The remote."),
        DvcCommand.of("remote rename", "Give a remote another name.", "store archive")
            .with(SharedOptions.LEVELS)
            .argument("name", "The remote.")
            .argument("new", "Its new name."),
        DvcCommand.of("cache dir", "Show or set the directory of DVC's cache.", "/mnt/cache")
            .flag("Take it out of the configuration.", "-u", "--unset")
            .with(SharedOptions.LEVELS)
            .mayHave("value", "The directory."),
        DvcCommand.of(
                "cache migrate", "Add objects of DVC 2 under the names of DVC 3.", "--dvc-files")
            .flag("Rewrite .dvc files and dvc.lock too.", "--dvc-files")
            .flag("Only say what would be done.", "--dry"));
  }
}
