package io.revfs.cli.run.slurm;

import io.revfs.cli.run.Shells;
import io.revfs.cli.run.StageExecutor;
import io.revfs.cli.run.StageJob;
import io.revfs.cli.run.StageOutput;
import io.revfs.cli.run.StageResult;
import io.revfs.cli.run.slurm.SlurmCommands.JobState;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Runs each stage as a job of Slurm. What it prints comes back while it runs, as far as the file
 * system shows it; a stage that needs others may be submitted before they have ended, and is then a
 * job that depends on theirs.
 */
public final class SlurmExecutor implements StageExecutor {
  private static final int NOT_RUN = 126;
  private static final int KILLED = 128 + 9;
  private static final Pattern OUT_OF_MEMORY =
      Pattern.compile(
          "^slurmstepd\\S*: error: .*(exceeded memory limit|oom)", Pattern.CASE_INSENSITIVE);
  private static final Duration INTERVAL = Duration.ofMillis(500);

  /** How long Slurm may be away: jobs go on without it. */
  private static final Duration PATIENCE = Duration.ofMinutes(5);

  private static final Duration GRACE = Duration.ofSeconds(40);

  private final SlurmCommands slurm = new SlurmCommands();
  private final Map<String, String> variables;
  private final StageOutput output;
  private final Map<String, CompletableFuture<String>> submitted = new ConcurrentHashMap<>();
  private final Set<String> open = ConcurrentHashMap.newKeySet();

  /** Experiments of which no jobs are left but ours. */
  private final Set<String> ended = ConcurrentHashMap.newKeySet();

  private boolean closed;

  /** {@code variables} are the caller's environment. */
  public SlurmExecutor(Map<String, String> variables, StageOutput output) {
    this.variables = variables;
    this.output = output;
  }

  @Override
  public StageResult run(StageJob job) throws IOException {
    String root = job.environment().getOrDefault("DVC_ROOT", job.directory().toString());
    Path directory = Files.createDirectories(Path.of(root, ".dvc", "tmp", "slurm"));
    Path base = directory.resolve(UUID.randomUUID().toString());
    String shell = variables.getOrDefault("SHELL", "");
    JobScript script = new JobScript(job, base, Shells.words(shell.isEmpty() ? "/bin/sh" : shell));
    try {
      endOthers(job);
      String id = submit(job, script);
      try {
        StageResult result = follow(job, script, id);
        return read(script.elsewhere()).map(result::on).orElse(result);
      } finally {
        open.remove(id);
      }
    } catch (IOException e) {
      submission(job.name()).completeExceptionally(e);
      if (e instanceof InterruptedIOException) {
        throw e;
      }
      return new StageResult(NOT_RUN, last(job), e.getMessage(), List.of());
    } finally {
      for (Path file : script.files()) {
        Files.deleteIfExists(file);
      }
    }
  }

  /**
   * Cancels, before the first job of an experiment, those of a process before this one that was
   * killed.
   */
  private synchronized void endOthers(StageJob job) throws IOException {
    Optional<String> experiment = JobScript.experiment(job);
    if (experiment.isEmpty() || !open.isEmpty() || !ended.add(experiment.get())) {
      return;
    }
    List<String> left = slurm.commented(experiment.get());
    if (!left.isEmpty()) {
      output.line(job.label(), false, "jobs of a run that was killed: " + String.join(" ", left));
      cancel(left);
    }
  }

  private CompletableFuture<String> submission(String stage) {
    return submitted.computeIfAbsent(stage, name -> new CompletableFuture<>());
  }

  private static String last(StageJob job) {
    return job.commands().isEmpty() ? "" : job.commands().getLast();
  }

  private String submit(StageJob job, JobScript script) throws IOException {
    List<String> after = new ArrayList<>();
    for (String stage : job.after()) {
      String id = await(submission(stage));
      if (slurm.state(id).isPresent()) { // what Slurm has forgotten ended well, or we would know
        after.add(id);
      }
    }
    synchronized (this) {
      if (closed) {
        throw new InterruptedIOException("interrupted");
      }
      String id = slurm.submit(script.options(after), script.text());
      open.add(id);
      submission(job.name()).complete(id);
      output.line(job.label(), false, "submitted as job " + id);
      return id;
    }
  }

  private static String await(CompletableFuture<String> id) throws IOException {
    try {
      return id.get();
    } catch (ExecutionException e) {
      throw new IOException("what it depends on was not submitted", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted");
    }
  }

  /** Waits until a job has ended, and shows what it prints. */
  private StageResult follow(StageJob job, JobScript script, String id) throws IOException {
    GrowingFile out = new GrowingFile(script.out(), output.lines(job.label(), false));
    GrowingFile error = new GrowingFile(script.error(), output.lines(job.label(), true));
    long answered = System.nanoTime();
    String last = "";
    while (true) {
      pause();
      out.show();
      error.show();
      JobState state;
      try {
        state = state(id, script);
        answered = System.nanoTime();
      } catch (InterruptedIOException e) {
        throw e;
      } catch (IOException e) {
        if (System.nanoTime() - answered > PATIENCE.toNanos()) {
          throw new IOException("Slurm does not answer: " + e.getMessage(), e);
        }
        continue;
      }
      if (!state.isOpen()) {
        out.end();
        error.end();
        return result(job, script, id, state);
      }
      if (!state.state().equals(last) && !state.state().equals("COMPLETING")) {
        output.line(job.label(), false, "job %s: %s".formatted(id, state.state()));
        last = state.state();
      }
    }
  }

  /** Returns a job's state; of one that Slurm forgot, what its script noted. */
  private JobState state(String id, JobScript script) throws IOException {
    Optional<JobState> queued = slurm.queued(id).map(state -> new JobState(state, 0, ""));
    if (queued.filter(JobState::isOpen).isPresent()) {
      return queued.get();
    }
    Optional<JobState> state = slurm.state(id); // throws if Slurm does not answer
    if (state.isPresent()) {
      return state.get();
    }
    Optional<String> exit = read(script.exit());
    return exit.isPresent()
        ? new JobState("FORGOTTEN", Integer.parseInt(exit.get()), "")
        : new JobState("LOST", NOT_RUN, "");
  }

  private static Optional<String> read(Path file) throws IOException {
    try {
      String text = Files.readString(file).strip();
      return text.isEmpty() ? Optional.empty() : Optional.of(text);
    } catch (NoSuchFileException e) {
      return Optional.empty();
    }
  }

  private static StageResult result(StageJob job, JobScript script, String id, JobState state)
      throws IOException {
    int at = read(script.at()).map(Integer::parseInt).orElse(0);
    String command = at < job.commands().size() ? job.commands().get(at) : last(job);
    boolean ended = state.state().equals("COMPLETED") || state.state().equals("FORGOTTEN");
    if (ended && state.exit() == 0) {
      return new StageResult(0, command, null, List.of());
    }
    boolean outOfMemory = state.exit() == KILLED && isOutOfMemory(script.error());
    if (!outOfMemory && (ended || state.state().equals("FAILED"))) {
      return StageResult.failed(state.exit() == 0 ? NOT_RUN : state.exit(), command);
    }
    String where = state.nodes().isEmpty() || state.nodes().equals("(null)") ? "" : state.nodes();
    String what =
        switch (outOfMemory ? "OUT_OF_MEMORY" : state.state()) {
          case "NODE_FAIL", "BOOT_FAIL" -> "the node %s was lost".formatted(where);
          case "TIMEOUT", "DEADLINE" -> "its time was over";
          case "OUT_OF_MEMORY" -> "its memory was not enough";
          case "PREEMPTED" -> "it was preempted";
          case "CANCELLED" -> "it was cancelled";
          default -> "its state is " + state.state();
        };
    String reason = "failed to run: %s, job %s: %s".formatted(command, id, what);
    return new StageResult(NOT_RUN, command, reason, List.of());
  }

  /**
   * Where no control groups are used, a job that needs too much has only failed; Slurm says why.
   */
  private static boolean isOutOfMemory(Path error) throws IOException {
    try (Stream<String> lines = Files.lines(error, StandardCharsets.ISO_8859_1)) {
      return lines.anyMatch(line -> OUT_OF_MEMORY.matcher(line).find());
    } catch (NoSuchFileException e) {
      return false;
    }
  }

  private static void pause() throws InterruptedIOException {
    try {
      TimeUnit.MILLISECONDS.sleep(INTERVAL.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted");
    }
  }

  /** Cancels all jobs, and waits until they have ended. */
  @Override
  public void close() {
    Collection<String> jobs;
    synchronized (this) {
      closed = true;
      jobs = List.copyOf(open);
    }
    if (jobs.isEmpty()) {
      return;
    }
    try {
      cancel(jobs);
    } catch (IOException e) {
      System.err.println(
          "WARNING: jobs may still run: %s (%s)".formatted(String.join(" ", jobs), e.getMessage()));
    }
  }

  private void cancel(Collection<String> jobs) throws IOException {
    slurm.cancel(jobs);
    long end = System.nanoTime() + GRACE.toNanos();
    while (System.nanoTime() < end && isAnyOpen(jobs)) {
      pause();
    }
  }

  private boolean isAnyOpen(Collection<String> jobs) throws IOException {
    for (String job : jobs) {
      if (slurm.state(job).filter(JobState::isOpen).isPresent()) {
        return true;
      }
    }
    return false;
  }
}
