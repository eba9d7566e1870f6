package io.revfs.cli.mount;

import com.fasterxml.jackson.databind.JsonNode;
import io.revfs.cli.client.Client;
import io.revfs.cli.command.RevfsCommand;
import io.revfs.cli.terminal.CommandException;
import java.io.IOException;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code revfs detach}. */
@Command(
    name = "detach",
    description =
        "Take the mount from a working copy: what was written is in the directory, what was only"
            + " shown is not.",
    footer = {"", "Example: revfs detach ~/repo"})
public final class DetachCommand extends RevfsCommand {
  @Parameters(
      index = "0",
      arity = "0..1",
      paramLabel = "DIR",
      description = "The working copy, or a directory in it; else the current one.")
  String directory = ".";

  @Option(names = "--lazy", description = "Also while it is in use: it goes when nobody uses it.")
  boolean lazy;

  @Override
  protected int run() throws IOException {
    try (Client daemon = daemon()) {
      JsonNode answer =
          daemon.delete(
              "/v1/attached",
              Map.of("directory", absolute(directory), "lazy", String.valueOf(lazy)));
      if (!answer.path("warning").asText().isEmpty()) {
        warn(answer.path("warning").asText());
      }
      if (!asJson(answer)) {
        say(answer.path("directory").asText() + " is detached");
      }
      return CommandException.OK;
    }
  }
}
