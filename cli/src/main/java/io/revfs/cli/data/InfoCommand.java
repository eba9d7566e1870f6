package io.revfs.cli.data;

import com.fasterxml.jackson.databind.JsonNode;
import io.revfs.cli.client.Client;
import io.revfs.cli.command.RevfsCommand;
import io.revfs.cli.terminal.CommandException;
import java.io.IOException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code revfs info}. */
@Command(
    name = "info",
    description = "Say what a path is: digest, size, commit, remote, how much is cached.",
    footer = {"", "Example: revfs info /data/repo/current/data/train.csv"})
public final class InfoCommand extends RevfsCommand {
  @Parameters(index = "0", paramLabel = "PATH", description = "A path of a repository or mount.")
  String path = "";

  @Option(names = "--rev", paramLabel = "REV", description = "The revision; HEAD if not given.")
  @Nullable String revision;

  @Option(names = "--repo", paramLabel = "REPO", description = "The repository that PATH is in.")
  @Nullable String repository;

  @Override
  protected int run() throws IOException {
    try (Client daemon = daemon()) {
      JsonNode info = daemon.get("/v1/info", CatCommand.where(path, repository, revision));
      if (!asJson(info)) {
        info.properties()
            .forEach(
                field ->
                    output.line("%-14s %s".formatted(field.getKey(), field.getValue().asText())));
      }
      return CommandException.OK;
    }
  }
}
