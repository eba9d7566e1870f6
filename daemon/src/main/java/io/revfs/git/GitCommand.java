package io.revfs.git;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** Runs the {@code git} command; it never asks for a password, and ends within a deadline. */
public final class GitCommand {
  private GitCommand() {}

  /** What it did: exit status, output and error output together. */
  public record Result(int exit, String output) {}

  /** Runs {@code git arguments...} in a directory. */
  public static Result run(Path directory, long seconds, String... arguments) throws IOException {
    List<String> command = new ArrayList<>(List.of("git"));
    command.addAll(List.of(arguments));
    ProcessBuilder builder =
        new ProcessBuilder(command).directory(directory.toFile()).redirectErrorStream(true);
    builder.environment().put("GIT_TERMINAL_PROMPT", "0");
    builder.environment().putIfAbsent("GIT_SSH_COMMAND", "ssh -o BatchMode=yes");
    Process process;
    try {
      process = builder.start();
    } catch (IOException e) {
      throw new IOException(
          "the git command cannot be run (apt-get install git): " + e.getMessage(), e);
    }
    CompletableFuture<String> output =
        CompletableFuture.supplyAsync(() -> read(process), Thread.ofVirtual()::start);
    try {
      process.getOutputStream().close();
      if (!process.waitFor(seconds, TimeUnit.SECONDS)) {
        process.destroyForcibly();
        throw new IOException("git " + arguments[0] + " took longer than " + seconds + " s");
      }
      return new Result(process.exitValue(), output.join());
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("git " + arguments[0]);
    }
  }

  private static String read(Process process) {
    try {
      return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      return e.toString();
    }
  }
}
