package io.revfs.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.InputStream;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code revfs ls}, with {@code dvc list}'s arguments and answers. */
@Command(
    name = "ls",
    aliases = "list",
    description = "List a directory of a revision: Git's files and DVC's outputs.",
    footer = {"", "Example: revfs ls . data --rev v1.2 -R --size"})
final class ListCommand extends RevfsCommand {
  @Parameters(index = "0", paramLabel = "URL", description = "A repository, or a path in a mount.")
  String url = "";

  @Parameters(index = "1", arity = "0..1", paramLabel = "PATH", description = "A path in it.")
  String path = "";

  @Option(
      names = {"-R", "--recursive"},
      description = "All files below.")
  boolean recursive;

  @Option(names = "--rev", paramLabel = "REV", description = "The revision; HEAD if not given.")
  @Nullable String revision;

  @Option(names = "--size", description = "Show sizes.")
  boolean size;

  @Option(names = "--dvc-only", description = "Only what DVC tracks.")
  boolean dvcOnly;

  @Override
  int run() throws IOException {
    Map<String, String> query =
        new HashMap<>(
            Map.of(
                "repository", location(url),
                "path", path,
                "recursive", String.valueOf(recursive),
                "dvcOnly", String.valueOf(dvcOnly)));
    if (revision != null) {
      query.put("rev", revision);
    }
    try (Client daemon = daemon();
        InputStream in = daemon.send("GET", "/v1/ls", query, Map.of())) {
      if (json && size) {
        byte[] buffer = new byte[1 << 16];
        for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
          output.bytes(buffer, n);
        }
        output.line("");
        return CommandException.OK;
      }
      JsonNode entries = Client.JSON.readTree(in.readAllBytes());
      if (json) {
        for (JsonNode entry : entries) {
          if (entry instanceof com.fasterxml.jackson.databind.node.ObjectNode object) {
            object.remove("size");
          }
        }
        output.json(entries);
        return CommandException.OK;
      }
      for (JsonNode entry : entries) {
        String name = entry.path("path").asText() + (entry.path("isdir").asBoolean() ? "/" : "");
        JsonNode bytes = entry.path("size");
        output.line(
            size ? "%12s  %s".formatted(bytes.isNull() ? "-" : bytes.asText(), name) : name);
      }
      return CommandException.OK;
    }
  }
}
