package io.revfs.cli.mount;

import com.fasterxml.jackson.databind.JsonNode;
import io.revfs.cli.caller.CallerState;
import io.revfs.cli.caller.Credentials;
import io.revfs.cli.client.Client;
import io.revfs.cli.command.RevfsCommand;
import io.revfs.cli.terminal.CommandException;
import java.io.IOException;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code revfs attach}. */
@Command(
    name = "attach",
    description = {
      "Show a working copy with all its data present, and nothing downloaded.",
      "",
      "A mount lies over the working copy then: outputs that are absent are shown, and arrive when"
          + " they are read; what is written lands in the directory below. git checkout switches"
          + " the data too. Processes that work in the directory already go on below: cd again."
    },
    footer = {"", "Example: revfs attach ~/repo", "         revfs attach --list"})
public final class AttachCommand extends RevfsCommand {
  @Parameters(
      index = "0",
      arity = "0..1",
      paramLabel = "DIR",
      description = "The working copy, or a directory in it; else the current one.")
  String directory = ".";

  @Option(names = "--list", description = "List what is attached.")
  boolean list;

  @Option(
      names = "--backend",
      paramLabel = "BACKEND",
      description = "auto, kernel or jnr: who speaks with the kernel.")
  String backend = "auto";

  @Override
  protected int run() throws IOException {
    try (Client daemon = daemon()) {
      if (list) {
        JsonNode answer = daemon.get("/v1/attached", Map.of());
        if (!asJson(answer.path("attached"))) {
          answer.path("attached").forEach(copy -> output.line(line(copy)));
        }
        return CommandException.OK;
      }
      JsonNode answer =
          daemon.post(
              "/v1/attached",
              Map.of(
                  "directory",
                  absolute(directory),
                  "backend",
                  backend,
                  Credentials.VARIABLES,
                  CallerState.variables()));
      if (!asJson(answer)) {
        say(
            "%s is attached; outputs: %d. cd again if you are in it"
                .formatted(answer.path("directory").asText(), answer.path("outputs").asInt()));
      }
      return CommandException.OK;
    }
  }

  private static String line(JsonNode copy) {
    String error = copy.path("error").asText();
    return "%s  outputs=%d  (%s)%s"
        .formatted(
            copy.path("directory").asText(),
            copy.path("outputs").asInt(),
            copy.path("backend").asText(),
            error.isEmpty() ? "" : "  FAILED: " + error);
  }
}
