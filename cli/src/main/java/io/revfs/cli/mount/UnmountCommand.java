package io.revfs.cli.mount;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.revfs.cli.client.Client;
import io.revfs.cli.command.RevfsCommand;
import io.revfs.cli.terminal.CommandException;
import io.revfs.fuse.MountTable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.OptionalInt;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code revfs unmount}. */
@Command(
    name = "unmount",
    description = "Take a mount away; files that are open can be read until they are closed.",
    footer = {"", "Example: revfs unmount /data/repo"})
public final class UnmountCommand extends RevfsCommand {
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
  protected int run() throws IOException {
    if (force) {
      OptionalInt connection = MountTable.force(Path.of(absolute(directory)));
      if (connection.isPresent()) {
        throw stillConnected(absolute(directory), connection.getAsInt());
      }
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

  /** Returns what to say where the mount is gone, and who waits for it is not free. */
  public static CommandException stillConnected(String directory, int connection) {
    String control = "/sys/fs/fuse/connections";
    return new CommandException(
        "%s is unmounted, but its connection goes on: who waits for it still waits"
            .formatted(directory),
        ("as root: mountpoint -q %1$s || mount -t fusectl fusectl %1$s; echo 1 > %1$s/%2$d/abort"
                + " - or, which ends all mounts of the daemon: kill -9 its process (revfs daemon"
                + " status names it; so does daemon.pid beside its socket)")
            .formatted(control, connection),
        CommandException.FAILED);
  }
}
