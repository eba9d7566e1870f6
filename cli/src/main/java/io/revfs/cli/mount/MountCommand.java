package io.revfs.cli.mount;

import com.fasterxml.jackson.databind.JsonNode;
import io.revfs.cli.caller.CallerState;
import io.revfs.cli.caller.Credentials;
import io.revfs.cli.client.Client;
import io.revfs.cli.command.RevfsCommand;
import io.revfs.cli.terminal.CommandException;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code revfs mount}. */
@Command(
    name = "mount",
    description = "Show every revision of a repository below a directory.",
    footer = {
      "",
      "Example: revfs mount ~/repo /data/repo",
      "         revfs mount https://example.com/repo.git /data/repo"
    })
public final class MountCommand extends RevfsCommand {
  @Parameters(
      index = "0",
      paramLabel = "REPO",
      description = "A working copy, a bare repository, or a clone URL.")
  String repository = "";

  @Parameters(index = "1", paramLabel = "DIR", description = "An empty directory; made if absent.")
  String directory = "";

  @Option(
      names = "--allow-other",
      description = "Let other users look too (root, or user_allow_other in /etc/fuse.conf).")
  boolean allowOther;

  @Option(
      names = "--backend",
      paramLabel = "BACKEND",
      description = "auto, kernel or jnr: who speaks with the kernel.")
  String backend = "auto";

  @Option(
      names = "--serve",
      paramLabel = "HOW",
      description =
          "auto, passthrough or page-cache: how the kernel gets the bytes of what is cached.")
  String serve = "auto";

  @Option(
      names = "--seal",
      paramLabel = "WHEN",
      description =
          "auto, on or off: whether the kernel serves commits by itself (root, Linux 6.5); else as"
              + " configured.")
  String seal = "";

  @Override
  protected int run() throws IOException {
    try (Client daemon = daemon()) {
      Map<String, Object> wanted = new LinkedHashMap<>();
      wanted.put("repository", location(repository));
      wanted.put("directory", absolute(directory));
      wanted.put("allowOther", allowOther);
      wanted.put("backend", backend);
      wanted.put("serve", serve);
      wanted.put(Credentials.VARIABLES, CallerState.variables());
      if (!seal.isEmpty()) {
        wanted.put("seal", seal);
      }
      JsonNode mounted = daemon.post("/v1/mounts", wanted);
      if (!asJson(mounted)) {
        say(
            mounted.path("directory").asText()
                + " shows "
                + mounted.path("repository").asText()
                + "; current is "
                + mounted.path("views").path("current").asText());
      }
      return CommandException.OK;
    }
  }
}
