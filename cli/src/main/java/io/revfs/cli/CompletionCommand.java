package io.revfs.cli;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.revfs.cli.command.RevfsCommand;
import io.revfs.cli.terminal.CommandException;
import picocli.AutoComplete;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code revfs completion}. */
@Command(
    name = "completion",
    description = "Write the script that completes commands and options in a shell.",
    footer = {
      "",
      "Example: revfs completion > /etc/bash_completion.d/revfs",
      "         source <(revfs completion -s zsh)"
    })
final class CompletionCommand extends RevfsCommand {
  /** The shells there is a script for. */
  enum Shell {
    bash,
    zsh
  }

  @Option(
      names = {"-s", "--shell"},
      description = "bash or zsh.")
  Shell shell = Shell.bash;

  private final String name;

  /** {@code name} is the command's that it completes. */
  CompletionCommand(String name) {
    this.name = name;
  }

  @Override
  protected int run() {
    // One script for both: it loads zsh's bashcompinit by itself.
    String script = AutoComplete.bash(name, Main.commandLine(new CommandTree(name), ""));
    if (!asJson(
        JsonNodeFactory.instance.objectNode().put("shell", shell.name()).put("script", script))) {
      output.line(script);
    }
    return CommandException.OK;
  }
}
