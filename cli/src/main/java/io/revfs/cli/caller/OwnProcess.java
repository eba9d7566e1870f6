package io.revfs.cli.caller;

import com.fasterxml.jackson.databind.JsonNode;
import io.revfs.cli.terminal.CommandException;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** This command run again, with other words, as the same user and with the same environment. */
public final class OwnProcess {
  private OwnProcess() {}

  /**
   * Runs it to its end.
   *
   * @param request {@code words}, {@code directory}, and {@code log}, which takes all it prints
   * @return its exit status
   */
  public static int exec(JsonNode request) {
    try {
      return start(request).waitFor();
    } catch (IOException e) {
      System.err.println("cannot start another " + launcher() + ": " + e.getMessage());
      return CommandException.OTHER;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return CommandException.INTERRUPTED;
    }
  }

  /**
   * Starts it; it outlives this process.
   *
   * @return its process; 0 if it cannot be started
   */
  public static long spawn(JsonNode request) {
    try {
      return start(request).pid();
    } catch (IOException e) {
      System.err.println("cannot start another " + launcher() + ": " + e.getMessage());
      return 0;
    }
  }

  /** In a session of its own: who ends one of them by its group, as DVC does, ends no other. */
  private static Process start(JsonNode request) throws IOException {
    List<String> words = new ArrayList<>(List.of("setsid", launcher()));
    request.path("words").forEach(word -> words.add(word.asText()));
    Path log = Path.of(request.path("log").asText());
    Files.createDirectories(log.resolveSibling(""));
    return new ProcessBuilder(words)
        .directory(new File(request.path("directory").asText()))
        .redirectInput(new File("/dev/null"))
        .redirectErrorStream(true)
        .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
        .start();
  }

  /** The launcher lies beside the libraries; without one the command is looked for by its name. */
  private static String launcher() {
    String library = System.getProperty("revfs.lib", "");
    return library.isEmpty()
        ? "revfs"
        : Path.of(library).resolveSibling("bin").resolve("revfs").normalize().toString();
  }
}
