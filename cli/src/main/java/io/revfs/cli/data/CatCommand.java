package io.revfs.cli.data;

import io.revfs.cli.client.Client;
import io.revfs.cli.command.RevfsCommand;
import io.revfs.cli.terminal.CommandException;
import java.io.IOException;
import java.io.InputStream;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code revfs cat}. */
@Command(
    name = "cat",
    description = "Write a file of a revision to standard output; needs no mount.",
    footer = {
      "",
      "Example: revfs cat data/train.csv --rev v1.2",
      "         revfs cat data.csv --repo https://example.com/repo.git --rev main"
    })
public final class CatCommand extends RevfsCommand {
  @Parameters(index = "0", paramLabel = "PATH", description = "A file of a repository or mount.")
  String path = "";

  @Option(names = "--rev", paramLabel = "REV", description = "The revision; HEAD if not given.")
  @Nullable String revision;

  @Option(names = "--repo", paramLabel = "REPO", description = "The repository that PATH is in.")
  @Nullable String repository;

  @Override
  protected int run() throws IOException {
    try (Client daemon = daemon();
        InputStream in =
            daemon.send("GET", "/v1/content", where(path, repository, revision), Map.of())) {
      byte[] buffer = new byte[1 << 16];
      for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
        output.bytes(buffer, n);
      }
      return CommandException.OK;
    }
  }

  /** Returns how a path is named to the daemon. */
  static Map<String, String> where(
      String path, @Nullable String repository, @Nullable String revision) {
    Map<String, String> where = new HashMap<>();
    where.put("repository", location(repository == null ? path : repository));
    if (repository != null) {
      where.put("path", path);
    }
    if (revision != null) {
      where.put("rev", revision);
    }
    return where;
  }
}
