package io.revfs.cli;

import io.revfs.cli.command.RevfsCommand;
import io.revfs.cli.terminal.CommandException;
import java.io.IOException;
import java.io.InputStream;
import java.util.Objects;
import picocli.CommandLine.Command;

/** {@code revfs schema}. */
@Command(
    name = "schema",
    description = "Write the JSON Schema of dvc.yaml, by which editors check and complete it.",
    footer = {
      "",
      "Example: revfs schema > ~/.config/dvc.schema.json",
      "         and in VS Code: \"yaml.schemas\": {\"~/.config/dvc.schema.json\": \"dvc.yaml\"}"
    })
final class SchemaCommand extends RevfsCommand {
  /** The schema's name among the resources of this package. */
  static final String RESOURCE = "dvc.schema.json";

  @Override
  protected int run() throws IOException {
    try (InputStream schema =
        Objects.requireNonNull(SchemaCommand.class.getResourceAsStream(RESOURCE))) {
      output.bytes(schema.readAllBytes());
    }
    return CommandException.OK;
  }
}
