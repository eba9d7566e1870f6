package io.revfs.cli.caller;

import com.fasterxml.jackson.databind.JsonNode;
import io.revfs.cli.run.CallerLocale;
import java.io.File;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * The command of {@code revfs run}: it has this process's terminal, environment and directory, and
 * gets the signals that this process gets.
 */
public final class RecordedProcess {
  /** As a shell says that there is no such command, or that it cannot be executed. */
  private static final int NOT_STARTED = 126;

  private RecordedProcess() {}

  /**
   * Runs it to its end.
   *
   * @param content {@code launcher}, {@code command} and {@code directory}; {@code quiet} if nobody
   *     is to see what it prints
   * @return its exit status; 128 and the number of the signal that ended it
   */
  public static int run(JsonNode content) {
    List<String> words = new ArrayList<>();
    content.path("launcher").forEach(word -> words.add(word.asText()));
    content.path("command").forEach(word -> words.add(word.asText()));
    ProcessBuilder builder =
        new ProcessBuilder(words)
            .directory(new File(content.path("directory").asText()))
            .inheritIO();
    CallerLocale.restore(builder.environment());
    if (content.path("quiet").asBoolean()) {
      builder.redirectOutput(ProcessBuilder.Redirect.DISCARD);
      builder.redirectError(ProcessBuilder.Redirect.DISCARD);
    }
    try (Signals signals = Signals.take()) {
      Process process = builder.start();
      signals.passTo(process.pid());
      return waitFor(process);
    } catch (IOException e) {
      System.err.println("cannot start " + words.getFirst() + ": " + e.getMessage());
      return NOT_STARTED;
    }
  }

  private static int waitFor(Process process) {
    while (true) {
      try {
        return process.waitFor();
      } catch (InterruptedException e) {
        process.destroy(); // and its status is still to be told
      }
    }
  }
}
