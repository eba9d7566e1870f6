package io.revfs.cli.mount;

import com.fasterxml.jackson.databind.JsonNode;
import io.revfs.cli.client.Client;
import io.revfs.cli.command.RevfsCommand;
import io.revfs.cli.terminal.CommandException;
import java.io.IOException;
import java.util.Map;
import picocli.CommandLine.Command;

/** {@code revfs mounts}. */
@Command(
    name = "mounts",
    description = "List the mounts and their views.",
    footer = {"", "Example: revfs mounts --json"})
public final class MountsCommand extends RevfsCommand {
  private static final int SHORT_ID = 12;

  @Override
  protected int run() throws IOException {
    try (Client daemon = daemon()) {
      JsonNode answer = daemon.get("/v1/mounts", Map.of());
      if (!asJson(answer.path("mounts"))) {
        for (JsonNode mount : answer.path("mounts")) {
          output.line(line(mount));
        }
      }
      return CommandException.OK;
    }
  }

  public static String line(JsonNode mount) {
    StringBuilder line = new StringBuilder();
    line.append(mount.path("directory").asText())
        .append("  ")
        .append(mount.path("repository").asText());
    if (!mount.path("backend").asText().isEmpty()) {
      line.append("  (").append(mount.path("backend").asText()).append(')');
    }
    mount
        .path("views")
        .properties()
        .forEach(
            view ->
                line.append("  ")
                    .append(view.getKey())
                    .append('=')
                    .append(view.getValue().asText(), 0, SHORT_ID));
    for (JsonNode commit : mount.path("sealed")) {
      line.append("  sealed=").append(commit.asText(), 0, SHORT_ID);
    }
    if (!mount.path("error").asText().isEmpty()) {
      line.append("  FAILED: ").append(mount.path("error").asText());
    }
    return line.toString();
  }
}
