package io.revfs.cli.data;

import com.fasterxml.jackson.databind.JsonNode;
import io.revfs.cli.client.Client;
import io.revfs.cli.terminal.CommandException;
import java.io.IOException;
import picocli.CommandLine.Command;

/** {@code revfs unpin}. */
@Command(
    name = "unpin",
    description = "Let the cache evict what was pinned with the same path and revision.",
    footer = {"", "Example: revfs unpin data/train --rev v1.2"})
public final class UnpinCommand extends FetchingCommand {
  @Override
  protected int run() throws IOException {
    try (Client daemon = daemon()) {
      JsonNode answer = daemon.delete("/v1/pins", where());
      if (!asJson(answer)) {
        say(answer.path("unpinned").asLong() + " objects unpinned");
      }
      return CommandException.OK;
    }
  }
}
