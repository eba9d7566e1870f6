package io.revfs.cli.service;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.revfs.cli.caller.Endings;
import io.revfs.cli.client.Client;
import io.revfs.cli.client.DaemonProcess;
import io.revfs.cli.command.RevfsCommand;
import io.revfs.cli.mount.MountsCommand;
import io.revfs.cli.terminal.CommandException;
import io.revfs.cli.terminal.Output;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code revfs daemon}. */
@Command(
    name = "daemon",
    description = "Start, stop and look at the daemon. Other commands start it by themselves.",
    subcommands = {
      DaemonCommand.Start.class,
      DaemonCommand.Stop.class,
      DaemonCommand.Restart.class,
      DaemonCommand.Status.class,
      DaemonCommand.Log.class
    },
    footer = {"", "Example: revfs daemon status"})
public final class DaemonCommand extends RevfsCommand {
  @Override
  protected int run() {
    throw new CommandException(
        "say which: start, stop, restart, status or log",
        "see revfs daemon --help",
        CommandException.USAGE);
  }

  /** {@code revfs daemon start}. */
  @Command(
      name = "start",
      description = "Start the daemon.",
      footer = {"", "Example: revfs daemon start --foreground"})
  static final class Start extends RevfsCommand {
    @Option(names = "--foreground", description = "Stay, and log to the terminal.")
    boolean foreground;

    @Option(names = "--system", description = "Serve all users of this machine (root).")
    boolean system;

    @Option(
        names = "--command",
        description = "Only print the command that runs it in the foreground, for a service unit.")
    boolean onlyCommand;

    @Option(
        names = "--unit",
        description = {
          "Only print the command for a unit of systemd that has KillMode=process: a main",
          "process that starts the daemon, and another one when it ends in whatever way."
        })
    boolean onlyUnit;

    @Override
    protected int run() throws IOException {
      DaemonProcess daemon = new DaemonProcess(system);
      if (onlyCommand || onlyUnit) {
        printCommand(daemon);
        return CommandException.OK;
      }
      boolean was = daemon.answers();
      if (was && foreground) {
        throw new CommandException(
            "a daemon runs already", "revfs daemon stop ends it", CommandException.FAILED);
      }
      if (foreground) {
        return foreground(daemon);
      }
      if (!was) {
        daemon.start();
      }
      try (Client client = Client.connect(daemon.directories().socket())) {
        JsonNode status = client.get("/v1/status", Map.of());
        if (!asJson(status)) {
          say("the daemon runs" + (was ? " already" : "") + ", pid " + status.path("pid").asText());
        }
      }
      return CommandException.OK;
    }

    private void printCommand(DaemonProcess daemon) throws IOException {
      List<String> words = new ArrayList<>();
      if (onlyUnit) {
        words.add(daemon.unitMain().toString());
      }
      words.addAll(List.of("/usr/bin/env", "LC_ALL=C.UTF-8")); // a unit of systemd has no locale
      for (String word : daemon.command(true)) {
        words.add(unexpanded(word));
      }
      ArrayNode list = JsonNodeFactory.instance.arrayNode();
      words.forEach(list::add);
      if (!asJson(list)) {
        output.line(String.join(" ", words));
      }
    }

    /** The class path ends in {@code /*}, which a shell would take for the names of all jars. */
    private static String unexpanded(String word) {
      return word.endsWith("/*")
          ? word.replace("*", "revfs-daemon.jar") + ":" + word // no file is called so
          : word;
    }

    private static int foreground(DaemonProcess daemon) throws IOException {
      Process process = new ProcessBuilder(daemon.command(true)).inheritIO().start();
      Endings.add(process::destroy); // SIGTERM and Ctrl-C to this process end the daemon too
      try {
        return process.waitFor();
      } catch (InterruptedException e) {
        process.destroy();
        return CommandException.INTERRUPTED;
      }
    }
  }

  /** {@code revfs daemon stop}. */
  @Command(
      name = "stop",
      description = "Stop the daemon; its mounts are remembered for the next start.",
      footer = {"", "Example: revfs daemon stop"})
  static final class Stop extends RevfsCommand {
    @Option(names = "--system", description = "The one that serves all users (root).")
    boolean system;

    @Override
    protected int run() throws IOException {
      OptionalLong ended = new DaemonProcess(system).stop();
      if (ended.isEmpty()) {
        if (!asJson(JsonNodeFactory.instance.objectNode().putNull("stopped"))) {
          say("no daemon runs");
        }
        return CommandException.OK;
      }
      long pid = ended.getAsLong();
      if (!asJson(JsonNodeFactory.instance.objectNode().put("stopped", pid))) {
        say("the daemon has ended");
      }
      return CommandException.OK;
    }
  }

  /** {@code revfs daemon restart}. */
  @Command(
      name = "restart",
      description = {
        "Put another process in the daemon's place. Where the kernel lets mounts outlive it (root,",
        "Linux 6.9), readers see a pause and no error."
      },
      footer = {"", "Example: revfs daemon restart"})
  static final class Restart extends RevfsCommand {
    @Option(names = "--system", description = "The one that serves all users (root).")
    boolean system;

    @Override
    protected int run() throws IOException {
      JsonNode status = new DaemonProcess(system).restart();
      if (!asJson(status)) {
        say("the daemon was restarted, pid " + status.path("pid").asText());
      }
      return CommandException.OK;
    }
  }

  /** {@code revfs daemon status}. Exit code 1 if none runs. */
  @Command(
      name = "status",
      description = "Say how the daemon is; exit code 1 if none runs.",
      footer = {"", "Example: revfs daemon status --json"})
  static final class Status extends RevfsCommand {
    @Option(names = "--system", description = "The one that serves all users.")
    boolean system;

    @Override
    protected int run() throws IOException {
      DaemonProcess daemon = new DaemonProcess(system);
      JsonNode status;
      try (Client client = Client.connect(daemon.directories().socket())) {
        status = client.get("/v1/status", Map.of());
      } catch (IOException e) {
        if (!asJson(JsonNodeFactory.instance.objectNode().put("running", false))) {
          say("no daemon runs at " + daemon.directories().socket());
        }
        return CommandException.FAILED;
      }
      if (asJson(status)) {
        return CommandException.OK;
      }
      output.line(
          "pid %s, version %s, up %s s, socket %s"
              .formatted(
                  status.path("pid").asText(),
                  status.path("version").asText(),
                  status.path("uptimeSeconds").asText(),
                  status.path("socket").asText()));
      JsonNode cache = status.path("cache");
      output.line(
          "cache %s: %s of %s, %s missing, %s damaged objects met"
              .formatted(
                  cache.path("directory").asText(),
                  Output.size(cache.path("usedBytes").asLong()),
                  Output.size(cache.path("quotaBytes").asLong()),
                  cache.path("missingObjects").asText(),
                  cache.path("corruptObjects").asText()));
      for (JsonNode missing : cache.path("missing")) {
        output.line(
            "missing %s, not on %s"
                .formatted(missing.path("object").asText(), missing.path("searched").asText()));
      }
      status.path("mounts").forEach(mount -> output.line("mount " + MountsCommand.line(mount)));
      for (JsonNode remote : status.path("remotes")) {
        output.line(
            "remote %s (%s): %s requests, %s failed, %s read%s"
                .formatted(
                    remote.path("name").asText(),
                    remote.path("url").asText(),
                    remote.path("requests").asText(),
                    remote.path("failures").asText(),
                    Output.size(remote.path("bytesRead").asLong()),
                    remote.path("lastError").asText().isEmpty()
                        ? ""
                        : "; " + remote.path("lastError").asText()));
      }
      status
          .path("errors")
          .forEach(
              error ->
                  output.line(
                      "error "
                          + error.path("time").asText()
                          + " "
                          + error.path("message").asText()));
      return CommandException.OK;
    }
  }

  /** {@code revfs daemon log}. */
  @Command(
      name = "log",
      description = "Show the end of the daemon's log.",
      footer = {"", "Example: revfs daemon log -n 100"})
  static final class Log extends RevfsCommand {
    @Option(
        names = {"-n", "--lines"},
        paramLabel = "N",
        description = "How many lines; 40 if not given.")
    int lines = 40;

    @Override
    protected int run() throws IOException {
      DaemonProcess daemon = new DaemonProcess(false);
      if (!json && !Files.exists(daemon.directories().log())) {
        say("there is no log yet at " + daemon.directories().log());
      } else if (json) {
        output.json(
            JsonNodeFactory.instance
                .objectNode()
                .put("file", daemon.directories().log().toString())
                .put("text", daemon.tail(lines)));
      } else {
        output.line(daemon.tail(lines));
      }
      return CommandException.OK;
    }
  }
}
