package io.revfs.fuse;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/** Runs shell commands as child processes: a mount is never read by the process that serves it. */
public final class Shell {
  private static final long LIMIT_SECONDS = 180;

  private Shell() {}

  /** Returns whether this process may mount. */
  public static boolean isRoot() throws IOException {
    return Files.getAttribute(Path.of("/proc/self"), "unix:uid").equals(0);
  }

  /** What a command did; output and error output together. */
  public record Result(int exit, String output) {}

  /** Returns a file's text, for messages. */
  public static String contents(Path file) {
    try {
      return java.nio.file.Files.readString(file);
    } catch (IOException e) {
      return e.toString();
    }
  }

  /** Runs {@code bash -c script} in a directory. */
  public static Result run(Path directory, String script) throws IOException {
    return run(new ProcessBuilder("bash", "-c", script).directory(directory.toFile()), script);
  }

  /** Runs a command; {@code what} says in messages what it does. */
  public static Result run(ProcessBuilder command, String what) throws IOException {
    Process process = command.redirectErrorStream(true).start();
    process.getOutputStream().close();
    var reader =
        java.util.concurrent.CompletableFuture.supplyAsync(
            () -> {
              try {
                return process.getInputStream().readAllBytes();
              } catch (IOException e) {
                return e.toString().getBytes(StandardCharsets.UTF_8);
              }
            },
            Thread.ofVirtual()::start);
    try {
      if (!process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly();
        throw new IOException("no end after %d s: %s".formatted(LIMIT_SECONDS, what));
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
      throw new IOException(e);
    }
    return new Result(
        process.exitValue(), new String(reader.join(), StandardCharsets.UTF_8).stripTrailing());
  }
}
