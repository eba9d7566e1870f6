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
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code revfs cache}. */
@Command(
    name = "cache",
    description = "Look after the cache.",
    subcommands = {CacheCommand.Status.class, CacheCommand.Collect.class, CacheCommand.Check.class},
    footer = {"", "Example: revfs cache status"})
public final class CacheCommand extends RevfsCommand {
  @Override
  protected int run() {
    throw new CommandException(
        "say which: status, gc or fsck", "see revfs cache --help", CommandException.USAGE);
  }

  /** {@code revfs cache status}. */
  @Command(
      name = "status",
      description = "Say what the cache holds.",
      footer = {"", "Example: revfs cache status --json"})
  static final class Status extends RevfsCommand {
    @Override
    protected int run() throws IOException {
      try (Client daemon = daemon()) {
        JsonNode status = daemon.get("/v1/cache", Map.of());
        if (!asJson(status)) {
          output.line("directory  " + status.path("directory").asText());
          output.line(
              "used       %s of %s"
                  .formatted(
                      Output.size(status.path("usedBytes").asLong()),
                      Output.size(status.path("quotaBytes").asLong())));
          if (status.path("imageBytes").asLong() > 0) {
            output.line(
                "images     %s of sealed commits"
                    .formatted(Output.size(status.path("imageBytes").asLong())));
          }
          output.line(
              "objects    %s complete, %s partial, %s pinned"
                  .formatted(
                      status.path("completeObjects").asText(),
                      status.path("partialObjects").asText(),
                      status.path("pinnedObjects").asText()));
          output.line(
              "fetched    %s in %s requests since the daemon's start"
                  .formatted(
                      Output.size(status.path("fetchedBytes").asLong()),
                      status.path("fetches").asText()));
        }
        return CommandException.OK;
      }
    }
  }

  /** {@code revfs cache gc}. */
  @Command(
      name = "gc",
      description = "Evict what was not used for longest; never what is pinned or open.",
      footer = {"", "Example: revfs cache gc --to 10GiB --dry"})
  static final class Collect extends RevfsCommand {
    @Option(
        names = "--to",
        paramLabel = "SIZE",
        description = "What may stay, such as 10GiB; the quota if not given.")
    @Nullable String target;

    @Option(names = "--dry", description = "Only say what would go.")
    boolean dry;

    @Override
    protected int run() throws IOException {
      Map<String, Object> body = new HashMap<>(Map.of("dryRun", dry));
      if (target != null) {
        body.put("targetBytes", bytes(target));
      }
      try (Client daemon = daemon()) {
        JsonNode result = daemon.post("/v1/cache/gc", body);
        if (!asJson(result)) {
          say(
              "%s objects, %s %s; %s used"
                  .formatted(
                      result.path("objects").asText(),
                      Output.size(result.path("bytes").asLong()),
                      dry ? "would go" : "evicted",
                      Output.size(result.path("usedBytes").asLong())));
        }
        return CommandException.OK;
      }
    }

    private static long bytes(String text) {
      try {
        return io.revfs.config.Units.bytes(text);
      } catch (IllegalArgumentException e) {
        throw new CommandException(
            String.valueOf(e.getMessage()), "see revfs cache gc --help", CommandException.USAGE);
      }
    }
  }

  /** {@code revfs cache fsck}. */
  @Command(
      name = "fsck",
      description = "Check every object against its digest and rebuild the index.",
      footer = {"", "Example: revfs cache fsck"})
  static final class Check extends RevfsCommand {
    @Override
    protected int run() throws IOException {
      ProgressBar bar = new ProgressBar(quiet || json);
      JsonNode[] last = {MissingNode.getInstance()};
      try (Client daemon = daemon()) {
        long total = daemon.get("/v1/cache", Map.of()).path("usedBytes").asLong();
        daemon.lines(
            "POST",
            "/v1/cache/fsck",
            Map.of(),
            Map.of(),
            event -> {
              last[0] = event;
              bar.show(event.path("bytesDone").asLong(), total, "");
            });
      } finally {
        ProgressBar.end();
      }
      if (!asJson(last[0])) {
        say(
            "%s objects, %s checked; %s damaged and dropped"
                .formatted(
                    last[0].path("objectsChecked").asText(),
                    Output.size(last[0].path("bytesChecked").asLong()),
                    last[0].path("damaged").asText()));
      }
      return last[0].path("damaged").asLong() == 0 ? CommandException.OK : CommandException.FAILED;
    }
  }
}
