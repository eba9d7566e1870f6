package io.revfs.cli.run.slurm;

import io.revfs.cli.run.CallerLocale;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Slurm's commands. Thread-safe. */
final class SlurmCommands {
  private static final long LIMIT_SECONDS = 60;
  private static final long FRESH_NANOSECONDS = 450_000_000;
  private static final String USER = System.getProperty("user.name");
  private static final Pattern STATE = Pattern.compile("\\bJobState=(\\w+)");
  private static final Pattern EXIT = Pattern.compile("\\bExitCode=(\\d+):(\\d+)");
  private static final Pattern NODES = Pattern.compile("\\bNodeList=(\\S+)");

  private final Map<String, String> queue = new HashMap<>();
  private long asked = System.nanoTime() - 2 * FRESH_NANOSECONDS;

  /**
   * A job as Slurm knows it.
   *
   * @param state Slurm's word, for instance {@code RUNNING}
   * @param exit the script's status; 128 and more for a signal
   * @param nodes where it ran
   */
  record JobState(String state, int exit, String nodes) {
    /** Returns whether the job may still change. */
    boolean isOpen() {
      return switch (state) {
        case "PENDING",
            "CONFIGURING",
            "RUNNING",
            "COMPLETING",
            "SUSPENDED",
            "STAGE_OUT",
            "SIGNALING",
            "STOPPED",
            "RESIZING",
            "REQUEUED",
            "REQUEUE_HOLD",
            "REQUEUE_FED",
            "SPECIAL_EXIT",
            "RESV_DEL_HOLD" ->
            true;
        default -> false;
      };
    }
  }

  private record Result(int exit, String out, String error) {}

  /**
   * Submits a job.
   *
   * @param options of {@code sbatch}
   * @return its id
   * @throws IOException with what Slurm says, if it refuses
   */
  String submit(List<String> options, String script) throws IOException {
    List<String> words = new java.util.ArrayList<>(List.of("sbatch", "--parsable"));
    words.addAll(options);
    Result result = run(words, script);
    if (result.exit() != 0) {
      throw new IOException("sbatch: " + said(result));
    }
    return result.out().strip().replaceFirst(";.*", ""); // id[;cluster]
  }

  private static String said(Result result) {
    String said = result.error().strip();
    return said.isEmpty()
        ? "exit status " + result.exit()
        : said.lines().toList().getLast().replaceFirst("^sbatch: (error: )?", "");
  }

  /**
   * Returns the state of a job that is in the queue. Slurm is asked for all jobs at once, and not
   * more often than twice a second however many wait.
   */
  synchronized Optional<String> queued(String job) throws IOException {
    long now = System.nanoTime();
    if (now - asked > FRESH_NANOSECONDS) {
      Result result = run(List.of("squeue", "--noheader", "--format=%i %T", "--user=" + USER), "");
      if (result.exit() != 0) {
        throw new IOException("squeue: " + said(result));
      }
      queue.clear();
      for (String line : result.out().lines().toList()) {
        String[] parts = line.strip().split(" ", 2);
        if (parts.length == 2) {
          queue.put(parts[0], parts[1]);
        }
      }
      asked = System.nanoTime();
    }
    return Optional.ofNullable(queue.get(job));
  }

  /**
   * Returns what Slurm knows of a job; empty if it has forgotten it.
   *
   * @throws IOException if it does not answer
   */
  Optional<JobState> state(String job) throws IOException {
    Result result = run(List.of("scontrol", "--oneliner", "show", "job", job), "");
    Matcher state = STATE.matcher(result.out());
    if (result.exit() != 0 || !state.find()) {
      if ((result.out() + result.error()).contains("Invalid job id")) {
        return Optional.empty();
      }
      throw new IOException("scontrol: " + said(result));
    }
    Matcher exit = EXIT.matcher(result.out());
    int status = 0;
    if (exit.find()) {
      int signal = Integer.parseInt(exit.group(2));
      status = signal == 0 ? Integer.parseInt(exit.group(1)) : 128 + signal;
    }
    Matcher nodes = NODES.matcher(result.out());
    return Optional.of(new JobState(state.group(1), status, nodes.find() ? nodes.group(1) : ""));
  }

  /** Returns the jobs of the queue that have a comment. */
  List<String> commented(String comment) throws IOException {
    Result result = run(List.of("squeue", "--noheader", "--format=%i %k", "--user=" + USER), "");
    if (result.exit() != 0) {
      throw new IOException("squeue: " + said(result));
    }
    return result
        .out()
        .lines()
        .map(line -> line.strip().split(" ", 2))
        .filter(parts -> parts.length == 2 && parts[1].equals(comment))
        .map(parts -> parts[0])
        .toList();
  }

  /** Cancels jobs; those that have ended stay what they are. */
  void cancel(Collection<String> jobs) throws IOException {
    List<String> words = new java.util.ArrayList<>(List.of("scancel"));
    words.addAll(jobs);
    var unused = run(words, "");
  }

  private static Result run(List<String> words, String input) throws IOException {
    ProcessBuilder builder = new ProcessBuilder(words);
    CallerLocale.restore(builder.environment()); // jobs inherit it
    Process process = builder.start();
    try {
      try (var to = process.getOutputStream()) {
        to.write(input.getBytes(StandardCharsets.UTF_8));
      }
      StringBuilder error = new StringBuilder();
      Thread errors =
          Thread.startVirtualThread(
              () -> {
                try {
                  error.append(text(process.getErrorStream().readAllBytes()));
                } catch (IOException e) {
                  error.append(e.getMessage());
                }
              });
      String out = text(process.getInputStream().readAllBytes());
      if (!process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)) {
        throw new IOException(words.getFirst() + " did not end in " + LIMIT_SECONDS + " seconds");
      }
      errors.join();
      return new Result(process.exitValue(), out, error.toString());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted");
    } finally {
      process.destroyForcibly();
    }
  }

  private static String text(byte[] bytes) {
    return new String(bytes, StandardCharsets.UTF_8);
  }
}
