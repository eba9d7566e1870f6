package io.revfs.cli.caller;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/** What the daemon must know of a caller to act in its place. */
public final class CallerState {
  /** Variables that configure DVC, Git and the ways to stores; nothing else leaves the caller. */
  private static final Pattern SENT =
      Pattern.compile(
          "(DVC|GIT|PRE_COMMIT|XDG|AWS|GOOGLE|GCLOUD|CLOUDSDK|AZURE|OSS|HADOOP|KRB5)_?.*"
              + "|HOME|USER|LOGNAME|PATH|SHELL|SSH_AUTH_SOCK|TZ|COLUMNS|LANG|LC_.*|CI"
              + "|HTTPS?_PROXY|NO_PROXY|https?_proxy|no_proxy|STORAGE_EMULATOR_HOST");

  private static final String DIRECTORY = "PWD";
  private static final int USUAL_UMASK = 022;

  private CallerState() {}

  public static Map<String, Object> of(Path directory) {
    Map<String, Object> state = new LinkedHashMap<>();
    state.put("directory", directory.toString());
    Map<String, String> environment = variables();
    shellsDirectory(directory).ifPresent(shells -> environment.put(DIRECTORY, shells));
    state.put(Credentials.VARIABLES, environment);
    state.put("interactive", isTerminal());
    state.put("umask", umask());
    return state;
  }

  /** Returns the variables that the daemon needs in the caller's place. */
  public static Map<String, String> variables() {
    Map<String, String> variables = new LinkedHashMap<>();
    System.getenv()
        .forEach(
            (name, value) -> {
              if (SENT.matcher(name).matches()) {
                variables.put(name, value);
              }
            });
    return variables;
  }

  /** Returns how the shell has come to the directory, if that was through links. */
  private static Optional<String> shellsDirectory(Path directory) {
    String said = System.getenv().getOrDefault(DIRECTORY, "");
    try {
      boolean other = said.startsWith("/") && !said.equals(directory.toString());
      return other && Files.isSameFile(Path.of(said), directory)
          ? Optional.of(said)
          : Optional.empty();
    } catch (IOException | InvalidPathException e) {
      return Optional.empty(); // of another directory, or of none
    }
  }

  @SuppressWarnings("SystemConsoleNull") // the JDK's annotations still say that it may be
  private static boolean isTerminal() {
    return System.console() != null && System.console().isTerminal();
  }

  /** Java has no call for it; Linux tells it in the process's status. */
  private static int umask() {
    try {
      for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
        if (line.startsWith("Umask:")) {
          return Integer.parseInt(line.substring(6).strip(), 8);
        }
      }
    } catch (IOException | NumberFormatException e) {
      return USUAL_UMASK;
    }
    return USUAL_UMASK;
  }
}
