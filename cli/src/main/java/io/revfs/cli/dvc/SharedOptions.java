package io.revfs.cli.dvc;

import io.revfs.cli.dvc.DvcOption.Kind;
import java.util.List;

/** Options that several commands have. */
final class SharedOptions {
  static final List<DvcOption> LEVELS =
      List.of(
          flag("The user's configuration.", "--global"),
          flag("The machine's configuration.", "--system"),
          flag("The project's configuration (.dvc/config).", "--project"),
          flag("The configuration that Git does not have (.dvc/config.local).", "--local"));

  static final List<DvcOption> REVISIONS =
      List.of(
          flag("Of all branches.", "-a", "--all-branches"),
          flag("Of all tags.", "-T", "--all-tags"),
          flag("Of all commits.", "-A", "--all-commits"));

  static final List<DvcOption> RUN_CACHE =
      List.of(
          flag("The history of runs too.", "--run-cache"),
          flag("Not the history of runs.", "--no-run-cache"));

  static final DvcOption JOBS = number("N", "Transfers at once.", "-j", "--jobs");
  static final DvcOption REMOTE =
      value("NAME", "The remote; the default one if not given.", "-r", "--remote");
  static final DvcOption RECURSIVE =
      flag("All stages below the directories too.", "-R", "--recursive");
  static final DvcOption WITH_DEPS = flag("The stages they depend on too.", "-d", "--with-deps");
  static final DvcOption FORCE = flag("Do it without asking.", "-f", "--force");
  static final DvcOption REPLACE = flag("Replace what is there.", "-f", "--force");
  static final DvcOption FS_CONFIG =
      repeated("NAME=VALUE", "An option of the file system of the URL.", "--fs-config");

  /** How another repository's remote is reached. */
  static final List<DvcOption> OTHER_REPOSITORY =
      List.of(
          value("FILE", "A configuration to merge with the repository's.", "--config"),
          value("NAME", "The remote of the repository to use.", "--remote"),
          new DvcOption(
              List.of("--remote-config"), Kind.LIST, "NAME=VALUE", "Options of that remote."));

  private SharedOptions() {}

  static DvcOption flag(String description, String... names) {
    return new DvcOption(List.of(names), Kind.FLAG, "", description);
  }

  static DvcOption value(String label, String description, String... names) {
    return new DvcOption(List.of(names), Kind.VALUE, label, description);
  }

  static DvcOption number(String label, String description, String... names) {
    return new DvcOption(List.of(names), Kind.NUMBER, label, description);
  }

  static DvcOption repeated(String label, String description, String... names) {
    return new DvcOption(List.of(names), Kind.REPEATED, label, description);
  }
}
