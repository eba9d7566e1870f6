package io.revfs.cli;

import io.revfs.cli.caller.Endings;
import io.revfs.cli.client.Client;
import io.revfs.cli.terminal.CommandException;
import io.revfs.cli.terminal.ProgressBar;
import java.io.IOException;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/** Reads the command line and runs one command. */
public final class Main {
  private static volatile boolean finished;

  private Main() {}

  /** Returns the name that the command was called by: the launcher passes it on. */
  private static CommandTree tree() {
    return new CommandTree(System.getProperty("revfs.name", "revfs"));
  }

  /** Returns the command line with one command, or with all if that one is unknown. */
  static CommandLine commandLine(CommandTree tree, String wanted) {
    CommandLine line = new CommandLine(tree.spec(wanted));
    line.setAbbreviatedOptionsAllowed(true); // as DVC's
    line.setExitCodeExceptionMapper(
        t -> t instanceof CommandException e ? e.exit() : CommandException.OTHER);
    line.setParameterExceptionHandler(
        (e, words) -> {
          System.err.println("ERROR: " + wrong(e));
          System.err.println(
              "See: " + e.getCommandLine().getCommandSpec().qualifiedName() + " --help");
          return CommandException.USAGE;
        });
    line.setExecutionExceptionHandler((e, command, result) -> failed(e));
    return line;
  }

  /** Says what is wrong with the words that were given. */
  private static String wrong(ParameterException e) {
    if (e instanceof UnmatchedArgumentException unmatched && !unmatched.isUnknownOption()) {
      String word = unmatched.getUnmatched().getFirst();
      CommandSpec spec = e.getCommandLine().getCommandSpec();
      if (spec.subcommands().isEmpty()) {
        return "'" + word + "' is one argument too many";
      }
      List<String> near = unmatched.getSuggestions();
      return "there is no command '%s %s'%s"
          .formatted(
              spec.qualifiedName(),
              word,
              near.isEmpty() ? "" : "; did you mean: " + String.join(", ", near));
    }
    Throwable cause = e.getCause();
    return String.valueOf((cause instanceof CommandException ? cause : e).getMessage());
  }

  static String version() {
    String version = Main.class.getPackage().getImplementationVersion();
    return version == null ? "development" : version;
  }

  private static int failed(Exception e) {
    if (e instanceof CommandException known) {
      if (!String.valueOf(known.getMessage()).isEmpty()) {
        System.err.println("ERROR: " + known.getMessage());
      }
      if (!known.hint().isEmpty()) {
        System.err.println("What to do: " + known.hint());
      }
      return known.exit();
    }
    if (e instanceof IOException) {
      System.err.println("ERROR: " + e.getMessage());
      System.err.println("What to do: see revfs daemon log, revfs doctor");
      return CommandException.OTHER;
    }
    System.err.println("ERROR: " + e);
    return CommandException.OTHER;
  }

  /** Runs a command; returns the exit code. */
  static int run(String... words) {
    return commandLine(tree(), CommandTree.wanted(List.of(words))).execute(words);
  }

  /**
   * Does what short commands do, for the archive of loaded classes: parses, formats help, speaks
   * HTTP and JSON as far as that goes without a daemon.
   */
  private static int train() throws IOException {
    CommandTree tree = tree();
    for (String name : tree.names()) {
      commandLine(tree, name).getSubcommands().values().forEach(CommandLine::getUsageMessage);
    }
    commandLine(tree, "use").parseArgs("use", "v1", "--mount", "/tmp");
    Client.rehearse();
    return CommandException.OK;
  }

  public static void main(String[] words) throws IOException {
    Runtime.getRuntime()
        .addShutdownHook(
            new Thread(
                () -> {
                  if (!finished) {
                    Endings.run();
                    ProgressBar.end();
                    System.err.println("ERROR: interrupted");
                    Runtime.getRuntime().halt(CommandException.INTERRUPTED); // Ctrl-C
                  }
                }));
    int exit = words.length == 1 && words[0].equals("train") ? train() : run(words);
    finished = true;
    System.exit(exit);
  }
}
