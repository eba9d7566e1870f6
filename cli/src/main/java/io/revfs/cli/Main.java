package io.revfs.cli;

import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/** Reads the command line and runs one command. */
public final class Main {
  private static volatile boolean finished;

  private Main() {}

  /** What stands before the command's name. */
  private static CommandSpec root() {
    Runnable nothing =
        () -> {
          throw new CommandException(
              "a command is missing", "see revfs --help", CommandException.USAGE);
        };
    CommandSpec spec = CommandSpec.wrapWithoutInspection(nothing).name("revfs");
    spec.addOption(Options.help());
    spec.addOption(
        OptionSpec.builder("-V", "--version")
            .type(boolean.class)
            .arity("0")
            .versionHelp(true)
            .description("Say the version.")
            .build());
    spec.version("revfs " + version());
    spec.usageMessage()
        .description("Every revision of a data repository, as a directory.")
        .synopsisSubcommandLabel("COMMAND")
        .footer(
            "",
            "Example: revfs mount ~/repo /data/repo && ls /data/repo/branches",
            "A command's own help: revfs COMMAND --help");
    return spec;
  }

  /** All commands, made only when they are needed: most of a short command's time is start-up. */
  static Map<String, Supplier<RevfsCommand>> commands() {
    Map<String, Supplier<RevfsCommand>> all = new LinkedHashMap<>();
    all.put("mount", MountCommand::new);
    all.put("unmount", UnmountCommand::new);
    all.put("mounts", MountsCommand::new);
    all.put("use", UseCommand::new);
    all.put("refresh", RefreshCommand::new);
    all.put("ls", ListCommand::new);
    all.put("get", GetCommand::new);
    all.put("cat", CatCommand::new);
    all.put("info", InfoCommand::new);
    all.put("prefetch", PrefetchCommand::new);
    all.put("pin", PinCommand::new);
    all.put("unpin", UnpinCommand::new);
    all.put("cache", CacheCommand::new);
    all.put("daemon", DaemonCommand::new);
    all.put("upgrade", UpgradeCommand::new);
    all.put("doctor", DoctorCommand::new);
    all.put("completion", CompletionCommand::new);
    return all;
  }

  /** Returns the command line with one command, or with all if that one is unknown. */
  static CommandLine commandLine(String wanted) {
    CommandSpec root = root();
    Map<String, Supplier<RevfsCommand>> all = commands();
    Supplier<RevfsCommand> one = all.get(wanted.equals("list") ? "ls" : wanted);
    Map<String, Supplier<RevfsCommand>> some = one == null ? all : Map.of("-", one);
    for (Supplier<RevfsCommand> command : some.values()) {
      CommandSpec spec = command.get().spec();
      addCommon(spec);
      root.addSubcommand(spec.name(), spec);
    }
    CommandLine line = new CommandLine(root);
    line.setExitCodeExceptionMapper(
        t -> t instanceof CommandException e ? e.exit() : CommandException.OTHER);
    line.setParameterExceptionHandler(
        (e, words) -> {
          System.err.println("ERROR: " + e.getMessage());
          System.err.println(
              "See: " + e.getCommandLine().getCommandSpec().qualifiedName() + " --help");
          return CommandException.USAGE;
        });
    line.setExecutionExceptionHandler((e, command, result) -> failed(e));
    return line;
  }

  private static void addCommon(CommandSpec spec) {
    if (spec.userObject() instanceof RevfsCommand command) {
      Options.addCommon(spec, command);
    }
    spec.subcommands().values().forEach(below -> addCommon(below.getCommandSpec()));
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
    String wanted = "";
    for (String word : List.of(words)) {
      if (!word.startsWith("-")) {
        wanted = word;
        break;
      }
    }
    return commandLine(wanted).execute(words);
  }

  /**
   * Does what short commands do, for the archive of loaded classes: parses, formats help, speaks
   * HTTP and JSON as far as that goes without a daemon.
   */
  private static int train() throws IOException {
    for (String name : commands().keySet()) {
      commandLine(name).getSubcommands().values().forEach(CommandLine::getUsageMessage);
    }
    commandLine("use").parseArgs("use", "v1", "--mount", "/tmp");
    Client.rehearse();
    return CommandException.OK;
  }

  public static void main(String[] words) throws IOException {
    Runtime.getRuntime()
        .addShutdownHook(
            new Thread(
                () -> {
                  if (!finished) {
                    Runtime.getRuntime().halt(CommandException.INTERRUPTED); // Ctrl-C
                  }
                }));
    int exit = words.length == 1 && words[0].equals("train") ? train() : run(words);
    finished = true;
    System.exit(exit);
  }
}
