package io.revfs.cli.call;

import io.revfs.cli.command.Options;
import io.revfs.cli.terminal.CommandException;
import java.nio.file.Files;
import java.nio.file.Path;
import picocli.CommandLine.Model.CommandSpec;

/** What may stand before a command of DVC. */
public final class GlobalOptions {
  private String cd = "";
  private boolean waitForLock;
  private boolean quiet;
  private int verbosity;

  /** Adds the options to the command line; {@code rest} those that each command has too. */
  public void addTo(CommandSpec spec, boolean rest) {
    spec.addOption(Options.value("--cd", "PATH", "Run as if started there.", v -> cd = (String) v));
    spec.addOption(
        Options.flag(
            "Wait while another command has the project.",
            v -> waitForLock = (Boolean) v,
            "--wait-for-lock"));
    if (rest) {
      PythonOptions.addTo(spec);
      spec.addOption(
          Options.flag("Say only what is wrong.", v -> quiet = (Boolean) v, "-q", "--quiet"));
      spec.addOption(
          picocli.CommandLine.Model.OptionSpec.builder("-v", "--verbose")
              .type(boolean[].class)
              .arity("0")
              .description("Say more; twice for all.")
              .setter(new Options.Setter(v -> verbosity++)) // called for each
              .build());
    }
  }

  boolean waitForLock() {
    return waitForLock;
  }

  boolean quiet() {
    return quiet;
  }

  int verbosity() {
    return verbosity;
  }

  /** Returns the directory to run in. */
  Path directory() {
    Path directory = Path.of("").toAbsolutePath().resolve(cd).normalize();
    if (!Files.isDirectory(directory)) {
      throw new CommandException(
          "there is no directory " + directory, "correct --cd", CommandException.OTHER);
    }
    return directory;
  }
}
