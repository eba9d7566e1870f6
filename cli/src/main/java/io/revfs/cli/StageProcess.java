package io.revfs.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.File;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * The command of a stage, run by whoever called {@code repro}: as that user, at that terminal, by
 * the shell that DVC would take.
 */
final class StageProcess {
  /** As a shell says that there is no such command, or that it cannot be executed. */
  private static final int NOT_STARTED = 126;

  private StageProcess() {}

  /**
   * Runs it to its end.
   *
   * @param run {@code command}, {@code directory} and {@code environment}; and {@code launcher}, if
   *     the shell is to be started by that
   * @return its exit status
   */
  static int run(JsonNode run, Map<String, String> variables) {
    String shell = variables.getOrDefault("SHELL", "");
    List<String> words = words(shell.isEmpty() ? "/bin/sh" : shell, run.path("command").asText());
    List<String> all = new ArrayList<>();
    run.path("launcher").forEach(word -> all.add(word.asText())); // of a stage that is recorded
    all.addAll(words);
    ProcessBuilder builder =
        new ProcessBuilder(all).directory(new File(run.path("directory").asText())).inheritIO();
    run.path("environment")
        .properties()
        .forEach(entry -> builder.environment().put(entry.getKey(), entry.getValue().asText()));
    Process process;
    try {
      process = builder.start();
    } catch (IOException e) {
      System.err.println("cannot start " + words.getFirst() + ": " + e.getMessage());
      return NOT_STARTED;
    }
    Thread end = new Thread(() -> end(process));
    Runtime.getRuntime().addShutdownHook(end); // Ctrl-C, or whatever ends this process
    try {
      return process.waitFor();
    } catch (InterruptedException e) {
      end(process);
      Thread.currentThread().interrupt();
      return NOT_STARTED;
    } finally {
      forget(end);
    }
  }

  private static void forget(Thread hook) {
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      return; // it is running
    }
  }

  /** A shell that ends leaves what it started, so all of them are told. */
  private static void end(Process process) {
    process.descendants().forEach(ProcessHandle::destroy);
    process.destroy();
  }

  static List<String> words(String shell, String command) {
    List<String> words = new ArrayList<>(List.of(shell));
    switch (new File(shell).getName().toLowerCase(Locale.ROOT)) {
      case "zsh" -> words.add("--no-rcs");
      case "bash" -> words.addAll(List.of("--noprofile", "--norc"));
      case "fish" -> words.add("--no-config");
      default -> {}
    }
    words.addAll(List.of("-c", command));
    return words;
  }
}
