package io.revfs.cli.data;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import io.revfs.cli.client.Client;
import io.revfs.cli.command.RevfsCommand;
import io.revfs.cli.terminal.CommandException;
import io.revfs.cli.terminal.Output;
import io.revfs.cli.terminal.ProgressBar;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** What prefetch and pin share: they fetch, and show how far they are. */
abstract class FetchingCommand extends RevfsCommand {
  @Parameters(
      index = "0",
      arity = "0..1",
      paramLabel = "PATH",
      description = "A path of a repository or mount; with --mount or --repo, a path inside it.")
  String path = "";

  @Option(names = "--rev", paramLabel = "REV", description = "The revision; HEAD if not given.")
  @Nullable String revision;

  @Option(names = "--mount", paramLabel = "DIR", description = "The mount that PATH is in.")
  @Nullable String mount;

  @Option(names = "--repo", paramLabel = "REPO", description = "The repository that PATH is in.")
  @Nullable String repository;

  Map<String, String> where() {
    String base = mount != null ? mount : repository;
    if (mount != null && revision == null) {
      base = mount + "/current";
    }
    return new HashMap<>(
        CatCommand.where(base == null && path.isEmpty() ? "." : path, base, revision));
  }

  int fetch(String route) throws IOException {
    ProgressBar bar = new ProgressBar(quiet || json);
    JsonNode[] last = {MissingNode.getInstance()};
    try (Client daemon = daemon()) {
      daemon.lines(
          "POST",
          route,
          Map.of(),
          where(),
          event -> {
            last[0] = event;
            bar.show(
                event.path("bytesDone").asLong(),
                event.path("bytes").asLong(),
                event.path("current").asText());
          });
    } finally {
      ProgressBar.end();
    }
    JsonNode end = last[0];
    if (!end.path("done").asBoolean()) {
      throw new CommandException(
          "the daemon broke off", "see: revfs daemon log", CommandException.OTHER);
    }
    for (JsonNode failed : end.path("failed")) {
      System.err.println(
          "ERROR: " + failed.path("path").asText() + ": " + failed.path("error").asText());
    }
    if (!asJson(end)) {
      say(
          end.path("files").asLong()
              + " files, "
              + Output.size(end.path("bytes").asLong())
              + "; fetched "
              + Output.size(end.path("fetchedBytes").asLong()));
    }
    return end.path("failures").asLong() == 0 ? CommandException.OK : CommandException.FAILED;
  }
}
