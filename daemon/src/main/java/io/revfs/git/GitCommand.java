package io.revfs.git;

import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;

/** Runs the {@code git} command; it never asks for a password, and ends within a deadline. */
public final class GitCommand {
  /**
   * Variables that lead Git to a repository, its index and objects, wherever it runs. Git sets them
   * for its hooks; so this process has them if one of those started it, and nothing it does is for
   * that repository.
   */
  static final Set<String> LEADING =
      Set.of(
          "GIT_DIR",
          "GIT_WORK_TREE",
          "GIT_IMPLICIT_WORK_TREE",
          "GIT_INDEX_FILE",
          "GIT_OBJECT_DIRECTORY",
          "GIT_ALTERNATE_OBJECT_DIRECTORIES",
          "GIT_COMMON_DIR",
          "GIT_NAMESPACE",
          "GIT_SHALLOW_FILE",
          "GIT_GRAFT_FILE",
          "GIT_PREFIX");

  /** Settings of one call of Git, that it has passed on to its hooks. */
  private static final Set<String> OF_ONE_CALL =
      Set.of("GIT_CONFIG_PARAMETERS", "GIT_QUARANTINE_PATH");

  /** By these Git finds a person's keys, passwords, configuration and way to the network. */
  private static final Pattern PERSONAL =
      Pattern.compile(
          "HOME|PATH|SSH_AUTH_SOCK|XDG_CONFIG_HOME|GIT_(SSH.*|ASKPASS|CONFIG_(GLOBAL|SYSTEM|NOSYSTEM"
              + "|COUNT|KEY_.*|VALUE_.*)|CEILING_DIRECTORIES|HTTP_.*)|(?i:https?_proxy|no_proxy)");

  private static final ScopedValue<Map<String, String>> CALLER = ScopedValue.newInstance();

  private GitCommand() {}

  /** What is done for a caller. */
  @FunctionalInterface
  public interface Work {
    void run() throws IOException;
  }

  /**
   * Does something for somebody, on this thread: commands run meanwhile find the keys and the
   * configuration of that person's shell, not those of the one that started this process.
   */
  public static void as(Map<String, String> environment, Work work) throws IOException {
    Map<String, String> personal = new HashMap<>(environment);
    personal.keySet().removeIf(name -> !PERSONAL.matcher(name).matches());
    var unused =
        ScopedValue.where(CALLER, Map.copyOf(personal))
            .call(
                () -> {
                  work.run();
                  return true;
                });
  }

  /** What it did: exit status, and output; where it failed, with error output. */
  public record Result(int exit, String output) {}

  /** What it did: exit status, output and error output apart. */
  record Answer(int exit, String out, String err) {}

  /** Runs {@code git arguments...} in a directory. */
  public static Result run(Path directory, long seconds, String... arguments) throws IOException {
    Answer answer = run(directory, Map.of(), "", seconds, List.of(arguments));
    String said = answer.exit() == 0 ? answer.out() : answer.out() + answer.err();
    return new Result(answer.exit(), said);
  }

  /**
   * Runs it as somebody.
   *
   * @param variables the caller's, over this process's
   * @param input what it reads
   */
  static Answer run(
      Path directory,
      Map<String, String> variables,
      String input,
      long seconds,
      List<String> arguments)
      throws IOException {
    List<String> command = new ArrayList<>(List.of("git"));
    command.addAll(arguments);
    ProcessBuilder builder = new ProcessBuilder(command).directory(directory.toFile());
    builder.environment().keySet().removeAll(LEADING);
    builder.environment().keySet().removeAll(OF_ONE_CALL);
    if (CALLER.isBound()) {
      builder.environment().putAll(CALLER.get());
    }
    builder.environment().putAll(variables);
    builder.environment().put("GIT_TERMINAL_PROMPT", "0");
    builder.environment().putIfAbsent("GIT_SSH_COMMAND", "ssh -o BatchMode=yes");
    Process process;
    try {
      process = builder.start();
    } catch (IOException e) {
      throw new IOException(
          "the git command cannot be run (apt-get install git): " + e.getMessage(), e);
    }
    CompletableFuture<String> out = text(process.getInputStream());
    CompletableFuture<String> err = text(process.getErrorStream());
    try {
      feed(process.getOutputStream(), input);
      if (!process.waitFor(seconds, TimeUnit.SECONDS)) {
        process.destroyForcibly();
        throw new IOException(
            "git " + arguments.getFirst() + " took longer than " + seconds + " s");
      }
      return new Answer(process.exitValue(), out.join(), err.join());
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("git " + arguments.getFirst());
    }
  }

  /** A command that does not read to the end says by its exit status why. */
  private static void feed(OutputStream to, String input) {
    try (to) {
      to.write(input.getBytes(StandardCharsets.UTF_8));
    } catch (IOException e) {
      return;
    }
  }

  private static CompletableFuture<String> text(InputStream from) {
    return CompletableFuture.supplyAsync(
        () -> {
          try {
            return new String(from.readAllBytes(), StandardCharsets.UTF_8);
          } catch (IOException e) {
            return e.toString();
          }
        },
        Thread.ofVirtual()::start);
  }
}
