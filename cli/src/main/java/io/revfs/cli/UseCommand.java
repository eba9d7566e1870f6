package io.revfs.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code revfs use}. */
@Command(
    name = "use",
    description = "Point a view of a mount to a revision.",
    footer = {"", "Example: revfs use v1.2", "         revfs use HEAD~3 --view baseline"})
final class UseCommand extends RevfsCommand {
  @Parameters(index = "0", paramLabel = "REV", description = "Anything that names a revision.")
  String revision = "";

  @Option(names = "--mount", paramLabel = "DIR", description = "The mount, if there are several.")
  @Nullable String mount;

  @Option(names = "--view", paramLabel = "NAME", description = "The view; current if not given.")
  String view = "current";

  @Override
  int run() throws IOException {
    try (Client daemon = daemon()) {
      Map<String, Object> body = new HashMap<>(Map.of("revision", revision, "view", view));
      if (mount != null) {
        body.put("directory", absolute(mount));
      }
      JsonNode answer = daemon.post("/v1/use", body);
      if (!asJson(answer)) {
        say(
            answer.path("directory").asText()
                + "/"
                + view
                + " is "
                + answer.path("commit").asText());
      }
      return CommandException.OK;
    }
  }
}
