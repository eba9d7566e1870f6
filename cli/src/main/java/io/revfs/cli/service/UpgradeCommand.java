package io.revfs.cli.service;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.revfs.cli.client.Client;
import io.revfs.cli.client.DaemonProcess;
import io.revfs.cli.command.RevfsCommand;
import io.revfs.cli.terminal.CommandException;
import java.io.IOException;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code revfs upgrade}. */
@Command(
    name = "upgrade",
    description = {
      "After another version was installed: put its daemon in the place of the one that runs.",
      "Where the kernel lets mounts outlive the daemon (root, Linux 6.9), jobs read on."
    },
    footer = {"", "Example: revfs upgrade"})
public final class UpgradeCommand extends RevfsCommand {
  @Option(names = "--system", description = "The daemon that serves all users (root).")
  boolean system;

  @Override
  protected int run() throws IOException {
    DaemonProcess daemon = new DaemonProcess(system);
    String before = "";
    try (Client client = Client.connect(daemon.directories().socket())) {
      before = client.get("/v1/status", Map.of()).path("version").asText();
    } catch (IOException e) {
      // None runs: then the new one is started.
    }
    JsonNode status = daemon.restart();
    if (status instanceof ObjectNode object) {
      object.put("versionBefore", before);
    }
    if (!asJson(status)) {
      say(
          "the daemon is of version %s now%s"
              .formatted(
                  status.path("version").asText(), before.isEmpty() ? "" : "; it was " + before));
    }
    return CommandException.OK;
  }
}
