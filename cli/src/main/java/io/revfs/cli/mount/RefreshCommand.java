package io.revfs.cli.mount;

import com.fasterxml.jackson.databind.JsonNode;
import io.revfs.cli.client.Client;
import io.revfs.cli.command.RevfsCommand;
import io.revfs.cli.terminal.CommandException;
import java.io.IOException;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code revfs refresh}. */
@Command(
    name = "refresh",
    description = "Bring the mirror of a URL up to date.",
    footer = {"", "Example: revfs refresh /data/repo"})
public final class RefreshCommand extends RevfsCommand {
  @Parameters(index = "0", paramLabel = "REPO", description = "The URL, or a mount of it.")
  String repository = "";

  @Override
  protected int run() throws IOException {
    try (Client daemon = daemon()) {
      JsonNode answer = daemon.post("/v1/refresh", Map.of("repository", location(repository)));
      if (!asJson(answer)) {
        if (answer.path("changed").isEmpty()) {
          say("nothing has changed");
        }
        answer.path("changed").forEach(reference -> say(reference.asText()));
      }
      return CommandException.OK;
    }
  }
}
