package io.revfs.cli.call;

import io.revfs.cli.command.RevfsCommand;
import io.revfs.cli.terminal.CommandException;
import java.util.List;
import picocli.CommandLine.Model.CommandSpec;

/** A word that stands before several of DVC's commands, such as {@code remote}. */
public final class DvcGroup extends RevfsCommand {
  private final String program;
  private final String name;
  private final List<String> words;

  public DvcGroup(String program, String name, List<String> words) {
    this.program = program;
    this.name = name;
    this.words = words;
  }

  @Override
  public CommandSpec spec() {
    CommandSpec spec = CommandSpec.wrapWithoutInspection(this).name(name);
    spec.usageMessage()
        .description("Commands: " + String.join(", ", words) + ".")
        .footer("", "Example: " + program + " " + name + " " + words.getFirst() + " --help");
    return spec;
  }

  @Override
  protected int run() {
    throw new CommandException(
        "say which: " + String.join(", ", words),
        "see " + program + " " + name + " --help",
        CommandException.USAGE);
  }
}
