package io.revfs.cli;

import io.revfs.cli.call.DvcCall;
import io.revfs.cli.call.DvcGroup;
import io.revfs.cli.call.GlobalOptions;
import io.revfs.cli.command.Options;
import io.revfs.cli.command.RevfsCommand;
import io.revfs.cli.data.CacheCommand;
import io.revfs.cli.data.CatCommand;
import io.revfs.cli.data.InfoCommand;
import io.revfs.cli.data.PinCommand;
import io.revfs.cli.data.PrefetchCommand;
import io.revfs.cli.data.UnpinCommand;
import io.revfs.cli.dvc.DvcCommand;
import io.revfs.cli.dvc.DvcCommands;
import io.revfs.cli.mount.AttachCommand;
import io.revfs.cli.mount.DetachCommand;
import io.revfs.cli.mount.MountCommand;
import io.revfs.cli.mount.MountsCommand;
import io.revfs.cli.mount.RefreshCommand;
import io.revfs.cli.mount.UnmountCommand;
import io.revfs.cli.mount.UseCommand;
import io.revfs.cli.service.DaemonCommand;
import io.revfs.cli.service.DoctorCommand;
import io.revfs.cli.service.UpgradeCommand;
import io.revfs.cli.terminal.CommandException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/**
 * All commands under one of the two names. As {@code dvc} there are DVC's only, and they are as DVC
 * has them; as {@code revfs} our own come first, and DVC's join them.
 */
final class CommandTree {
  private static final String DVC = "dvc";

  private final String name;
  private final GlobalOptions global = new GlobalOptions();

  /** {@code name} is what the command was called by. */
  CommandTree(String name) {
    this.name = name.equals(DVC) ? DVC : "revfs";
  }

  String name() {
    return name;
  }

  private boolean asDvc() {
    return name.equals(DVC);
  }

  /** Commands of our own, made only when they are needed. */
  private Map<String, Supplier<RevfsCommand>> own() {
    Map<String, Supplier<RevfsCommand>> all = new LinkedHashMap<>();
    if (!asDvc()) {
      all.put("mount", MountCommand::new);
      all.put("unmount", UnmountCommand::new);
      all.put("mounts", MountsCommand::new);
      all.put("attach", AttachCommand::new);
      all.put("detach", DetachCommand::new);
      all.put("use", UseCommand::new);
      all.put("refresh", RefreshCommand::new);
      all.put("cat", CatCommand::new);
      all.put("info", InfoCommand::new);
      all.put("prefetch", PrefetchCommand::new);
      all.put("pin", PinCommand::new);
      all.put("unpin", UnpinCommand::new);
      all.put("cache", CacheCommand::new);
      all.put("daemon", DaemonCommand::new);
      all.put("upgrade", UpgradeCommand::new);
      all.put("doctor", DoctorCommand::new);
      all.put("schema", SchemaCommand::new);
    }
    all.put("completion", () -> new CompletionCommand(name));
    return all;
  }

  /** Rows of DVC's table that stand for themselves under this name. */
  private List<DvcCommand> rows() {
    Set<String> taken = own().keySet();
    return DvcCommands.all().stream()
        .filter(row -> !(row.ours() && asDvc()))
        .filter(row -> !taken.contains(row.name()))
        .map(row -> row.aliases().stream().anyMatch(taken::contains) ? row.withoutAlias() : row)
        .toList();
  }

  /** Returns the names of the first words of all commands. */
  Set<String> names() {
    Set<String> names = new LinkedHashSet<>(own().keySet());
    rows().forEach(row -> names.add(row.group().isEmpty() ? row.word() : row.group()));
    return names;
  }

  /** Returns the first word that is no option, which names the command; empty if there is none. */
  static String wanted(List<String> words) {
    for (int i = 0; i < words.size(); i++) {
      if (words.get(i).equals("--cd")) {
        i++;
      } else if (!words.get(i).startsWith("-")) {
        return words.get(i);
      }
    }
    return "";
  }

  /** Returns the root with one command, or with all if there is none of that name. */
  CommandSpec spec(String wanted) {
    CommandSpec root = root();
    Optional<CommandSpec> one = command(wanted);
    if (one.isPresent()) {
      add(root, one.get());
      return root;
    }
    for (String each : names()) {
      command(each).ifPresent(spec -> add(root, spec));
    }
    return root;
  }

  private static void add(CommandSpec root, CommandSpec command) {
    addCommon(command);
    root.addSubcommand(command.name(), command);
  }

  private Optional<CommandSpec> command(String typed) {
    if (typed.isEmpty()) {
      return Optional.empty();
    }
    String word = DvcCommands.GROUP_ALIASES.getOrDefault(typed, typed);
    Supplier<RevfsCommand> own = own().get(word);
    List<DvcCommand> group = rows().stream().filter(row -> row.group().equals(word)).toList();
    if (own == null && group.isEmpty()) {
      return rows().stream()
          .filter(row -> row.group().isEmpty())
          .filter(row -> row.word().equals(word) || row.aliases().contains(word))
          .findFirst()
          .map(row -> new DvcCall(name, row, global).spec());
    }
    CommandSpec spec =
        own != null ? own.get().spec() : new DvcGroup(name, word, shown(group)).spec();
    if (own == null && group.stream().allMatch(DvcCommand::hidden)) {
      spec.usageMessage().hidden(true);
    }
    if (!word.equals(typed)) {
      spec.aliases(typed);
    }
    for (DvcCommand row : group) {
      CommandSpec below = new DvcCall(name, row, global).spec();
      spec.addSubcommand(below.name(), below);
    }
    return Optional.of(spec);
  }

  private static List<String> shown(List<DvcCommand> group) {
    List<String> words = new ArrayList<>();
    boolean allHidden = group.stream().allMatch(DvcCommand::hidden);
    group.stream().filter(row -> allHidden || !row.hidden()).forEach(row -> words.add(row.word()));
    return words;
  }

  private static void addCommon(CommandSpec spec) {
    if (spec.userObject() instanceof RevfsCommand command) {
      Options.addCommon(spec, command);
    }
    spec.subcommands().values().stream()
        .map(below -> below.getCommandSpec())
        .distinct() // an alias is the same command again
        .forEach(CommandTree::addCommon);
  }

  /** What stands before the command's name. */
  private CommandSpec root() {
    CommandSpec[] itself = new CommandSpec[1];
    Runnable nothing =
        () -> {
          itself[0].commandLine().usage(System.out);
          throw new CommandException(
              "a command is missing", "add one of the above", CommandException.USAGE);
        };
    CommandSpec spec = CommandSpec.wrapWithoutInspection(nothing).name(name);
    itself[0] = spec;
    spec.addOption(Options.help());
    spec.addOption(
        OptionSpec.builder("-V", "--version")
            .type(boolean.class)
            .arity("0")
            .versionHelp(true)
            .description("Say the version.")
            .build());
    global.addTo(spec, true);
    spec.version(asDvc() ? DvcCommands.VERSION : "revfs " + Main.version());
    spec.usageMessage()
        .description(
            asDvc()
                ? "DVC's commands, as revfs does them."
                : "Every revision of a data repository, as a directory.")
        .synopsisSubcommandLabel("COMMAND")
        .footer(
            "",
            asDvc()
                ? "Example: dvc add data && git add data.dvc .gitignore && dvc push"
                : "Example: revfs mount ~/repo /data/repo && ls /data/repo/branches",
            "A command's own help: " + name + " COMMAND --help");
    return spec;
  }
}
