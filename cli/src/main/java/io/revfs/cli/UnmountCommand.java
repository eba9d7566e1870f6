package io.revfs.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.revfs.fuse.MountTable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code revfs unmount}. */
@Command(
    name = "unmount",
    description = "Take a mount away; files that are open can be read until they are closed.",
    footer = {"", "Example: revfs unmount /data/repo"})
final class UnmountCommand extends RevfsCommand {
  @Parameters(index = "0", paramLabel = "DIR", description = "Where it is mounted.")
  String directory = "";

  @Option(names = "--no-lazy", description = "Refuse while files are open.")
  boolean notLazy;

  @Option(
      names = "--force",
      description =
          "Whatever the state of the daemon: processes that wait for the mount get an error.")
  boolean force;

  @Override
  int run() throws IOException {
    if (force) {
      MountTable.force(Path.of(absolute(directory)));
      if (!asJson(JsonNodeFactory.instance.objectNode().put("directory", absolute(directory)))) {
        say(absolute(directory) + " is unmounted; who waited for it got an error");
      }
      return CommandException.OK;
    }
    try (Client daemon = daemon()) {
      JsonNode answer =
          daemon.delete(
              "/v1/mounts",
              Map.of("directory", absolute(directory), "lazy", String.valueOf(!notLazy)));
      if (!answer.path("warning").asText().isEmpty()) {
        warn(answer.path("warning").asText());
      }
      if (!asJson(answer)) {
        say(answer.path("directory").asText() + " is unmounted");
      }
      return CommandException.OK;
    }
  }
}
