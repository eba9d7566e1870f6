package io.revfs.cli.caller;

import com.fasterxml.jackson.databind.JsonNode;
import io.revfs.cli.terminal.CommandException;
import java.io.File;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** A script of the daemon's own that is run as the caller: it finds and starts a browser. */
public final class CallerScript {
  /** As a shell says that something cannot be executed. */
  private static final int NOT_STARTED = 126;

  private CallerScript() {}

  /**
   * Runs it to its end, by {@code sh}; it may use the terminal.
   *
   * @param request {@code script}, {@code arguments} and {@code directory}
   * @return its exit status
   */
  public static int run(JsonNode request) {
    List<String> words =
        new ArrayList<>(List.of("/bin/sh", "-c", request.path("script").asText(), "revfs"));
    request.path("arguments").forEach(argument -> words.add(argument.asText()));
    Process process;
    try {
      process =
          new ProcessBuilder(words)
              .directory(new File(request.path("directory").asText()))
              .inheritIO()
              .start();
    } catch (IOException e) {
      System.err.println("cannot start sh: " + e.getMessage());
      return NOT_STARTED;
    }
    try {
      return process.waitFor();
    } catch (InterruptedException e) {
      process.descendants().forEach(ProcessHandle::destroy);
      process.destroy();
      Thread.currentThread().interrupt();
      return CommandException.INTERRUPTED;
    }
  }
}
