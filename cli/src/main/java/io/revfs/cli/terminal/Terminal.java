package io.revfs.cli.terminal;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Whether a person looks on, and how long texts are shown to one. */
public final class Terminal {
  /** Of {@code less}: stay in colour, cut long lines, end at once where all fits, clear nothing. */
  private static final List<String> LESS = List.of("less", "-RSFX");

  private Terminal() {}

  /** Returns whether input and output are a terminal. */
  @SuppressWarnings("SystemConsoleNull") // the JDK's annotations still say that it may be
  public static boolean isThere() {
    return System.console() != null && System.console().isTerminal();
  }

  /** Returns whether error output is a terminal: where it is seen how far something is. */
  public static boolean seesErrors() {
    try {
      String target = Files.readSymbolicLink(Path.of("/proc/self/fd/2")).toString();
      return target.matches("/dev/(pts/\\d+|tty.*|console)");
    } catch (IOException e) {
      return isThere(); // no /proc
    }
  }

  /** Returns whether progress is to be shown whatever error output is, as for DVC. */
  static boolean isAssumed(Map<String, String> environment) {
    String said = environment.getOrDefault("DVC_IGNORE_ISATTY", "").toLowerCase(Locale.ROOT);
    return said.contains("1") || said.contains("y") || said.contains("true");
  }

  /**
   * Shows a text page by page, by the program that {@code DVC_PAGER} names, or {@code less}.
   *
   * @return false if there is none: nothing was shown
   */
  public static boolean page(String text, Map<String, String> environment) {
    String pager = environment.getOrDefault("DVC_PAGER", "");
    if (pager.isEmpty() && !isOnPath(LESS.getFirst(), environment.getOrDefault("PATH", ""))) {
      return false;
    }
    try {
      Process process =
          new ProcessBuilder(pager.isEmpty() ? LESS : List.of("sh", "-c", pager))
              .redirectOutput(ProcessBuilder.Redirect.INHERIT)
              .redirectError(ProcessBuilder.Redirect.INHERIT)
              .start();
      try (OutputStream in = process.getOutputStream()) {
        in.write(text.getBytes(StandardCharsets.UTF_8));
      } catch (IOException e) {
        // The person has seen enough.
      }
      int unused = process.waitFor();
      return true;
    } catch (IOException e) {
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return true;
    }
  }

  private static boolean isOnPath(String program, String path) {
    for (String directory : path.split(":")) {
      if (!directory.isEmpty() && Files.isExecutable(Path.of(directory, program))) {
        return true;
      }
    }
    return false;
  }
}
