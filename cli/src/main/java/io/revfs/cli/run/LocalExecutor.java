package io.revfs.cli.run;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Runs commands on this machine, by the shell that DVC would take. A stage without a label has the
 * terminal, in the caller's own process group; one with a label is a session of its own, whose
 * output is shown line by line.
 */
public final class LocalExecutor implements StageExecutor {
  /** As a shell says that there is no such command, or that it cannot be executed. */
  private static final int NOT_STARTED = 126;

  /** For what ends by itself on Ctrl-C, which the terminal tells it, or which we pass on. */
  private static final Duration PATIENCE = Duration.ofSeconds(3);

  /** For what is told to end. */
  private static final Duration GRACE = Duration.ofSeconds(5);

  /** For what a shell does not wait for, as {@code >(gzip > out)}. */
  private static final Duration TRAILING = Duration.ofSeconds(1);

  /** How long is waited for the output of a command that has ended, on a busy machine. */
  private static final Duration READING = Duration.ofSeconds(30);

  private final Map<String, String> variables;
  private final StageOutput output;
  private final boolean piped;
  private final Map<String, Process> running = new ConcurrentHashMap<>();
  private final Set<String> runs = ConcurrentHashMap.newKeySet();
  private final boolean hasSetsid;
  private volatile boolean closed;

  /**
   * @param variables the caller's environment
   * @param piped whether standard output is shown by {@code output} without a label too
   */
  public LocalExecutor(Map<String, String> variables, StageOutput output, boolean piped) {
    this.variables = variables;
    this.output = output;
    this.piped = piped;
    this.hasSetsid =
        List.of(variables.getOrDefault("PATH", "").split(":")).stream()
            .anyMatch(directory -> Files.isExecutable(Path.of(directory, "setsid")));
  }

  @Override
  public StageResult run(StageJob job) throws IOException {
    String run = UUID.randomUUID().toString();
    runs.add(run);
    try {
      if (!job.launcher().isEmpty() && job.commands().size() > 1) {
        return runAsOne(job, run);
      }
      String last = "";
      for (String command : job.commands()) {
        output.command(job.label(), command);
        last = command;
        int exit = run(job, command, run);
        if (exit != 0) {
          return StageResult.failed(exit, command);
        }
      }
      return new StageResult(0, last, null, left(run, job.outputs()));
    } finally {
      if (!closed) {
        runs.remove(run);
      }
    }
  }

  /**
   * What is recorded is one process: its shell runs the commands as we would, says which one it
   * begins, and notes its number in a file.
   */
  private StageResult runAsOne(StageJob job, String run) throws IOException {
    Path at = Files.createTempFile("revfs-stage", ".at");
    try {
      List<String> steps = new ArrayList<>();
      for (int i = 0; i < job.commands().size(); i++) {
        String command = job.commands().get(i);
        if (output.showsCommands()) {
          steps.add("printf '> %s\\n' " + Shells.quoted(command));
        }
        steps.add("echo " + i + " > " + Shells.quoted(at.toString()));
        List<String> words = new ArrayList<>(Shells.words(shell()));
        words.addAll(List.of("-c", command));
        steps.add(String.join(" ", words.stream().map(Shells::quoted).toList()));
      }
      int exit = run(job, String.join(" && ", steps), run);
      String begun = Files.readString(at).strip();
      String last = job.commands().get(begun.isEmpty() ? 0 : Integer.parseInt(begun));
      return exit == 0
          ? new StageResult(0, last, null, left(run, job.outputs()))
          : StageResult.failed(exit, last);
    } finally {
      Files.deleteIfExists(at);
    }
  }

  private String shell() {
    String shell = variables.getOrDefault("SHELL", "");
    return shell.isEmpty() ? "/bin/sh" : shell;
  }

  private int run(StageJob job, String command, String run) {
    List<String> words = new ArrayList<>();
    boolean labelled = !job.label().isEmpty();
    if (labelled && hasSetsid) {
      words.add("setsid"); // so that a signal reaches all of it at once
    }
    words.addAll(job.launcher());
    words.addAll(Shells.words(shell()));
    words.addAll(List.of("-c", command));
    ProcessBuilder builder = new ProcessBuilder(words).directory(job.directory().toFile());
    CallerLocale.restore(builder.environment());
    builder.environment().putAll(job.environment());
    builder.environment().put(MarkedProcesses.MARK, run);
    if (labelled) {
      builder.redirectInput(new File("/dev/null"));
    } else {
      builder.inheritIO();
      if (piped) {
        builder.redirectOutput(ProcessBuilder.Redirect.PIPE);
      }
    }
    Process process;
    synchronized (this) {
      if (closed) {
        return NOT_STARTED;
      }
      try {
        process = builder.start();
      } catch (IOException e) {
        output.line(job.label(), true, "cannot start " + words.getFirst() + ": " + e.getMessage());
        return NOT_STARTED;
      }
      running.put(run, process);
    }
    return finish(job, process, run);
  }

  private int finish(StageJob job, Process process, String run) {
    try {
      // Of what is not piped the streams are empty.
      List<Thread> copies =
          List.of(
              Thread.startVirtualThread(
                  () -> output.copy(job.label(), false, process.getInputStream())),
              Thread.startVirtualThread(
                  () -> output.copy(job.label(), true, process.getErrorStream())));
      int exit = process.waitFor();
      for (Thread copy : copies) {
        // What was left behind may hold its end open; else there is an end to be read.
        if (!copy.join(TRAILING) && MarkedProcesses.of(run).isEmpty()) {
          boolean unused = copy.join(READING);
        }
      }
      return exit;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      end(List.of(run));
      return NOT_STARTED;
    } finally {
      running.remove(run);
    }
  }

  private static List<StageResult.LeftProcess> left(String run, List<Path> outputs) {
    List<StageResult.LeftProcess> left = new ArrayList<>();
    if (await(TRAILING, () -> MarkedProcesses.of(run).isEmpty())) {
      return left;
    }
    for (ProcessHandle process : MarkedProcesses.of(run)) {
      @Nullable Path writes = MarkedProcesses.writes(process, outputs);
      left.add(
          new StageResult.LeftProcess(
              process.pid(),
              MarkedProcesses.commandLine(process),
              writes == null ? null : writes.toString()));
    }
    return left;
  }

  /** Waits until something is so; returns whether it is. */
  private static boolean await(Duration most, BooleanSupplier condition) {
    long end = System.nanoTime() + most.toNanos();
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() > end) {
        return false;
      }
      try {
        TimeUnit.MILLISECONDS.sleep(20);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return condition.getAsBoolean();
      }
    }
    return true;
  }

  @Override
  public void close() {
    List<String> ending;
    synchronized (this) {
      closed = true;
      ending = List.copyOf(runs);
    }
    end(ending);
  }

  /**
   * Ends runs, with all they started: by SIGINT, which those in our own group have from the
   * terminal, then by SIGTERM, then by SIGKILL.
   */
  private void end(List<String> ending) {
    if (living(ending).isEmpty()) {
      return;
    }
    for (String run : ending) {
      Process process = running.get(run);
      if (process != null && hasSetsid && isGroup(process.pid())) {
        signal("-INT", -process.pid());
      }
    }
    if (await(PATIENCE, () -> living(ending).isEmpty())) {
      return;
    }
    living(ending).forEach(ProcessHandle::destroy);
    if (await(GRACE, () -> living(ending).isEmpty())) {
      return;
    }
    boolean unused =
        await(
            GRACE, // again and again: what is killed may just have started another
            () -> {
              List<ProcessHandle> left = living(ending);
              left.forEach(ProcessHandle::destroyForcibly);
              return left.isEmpty();
            });
  }

  private List<ProcessHandle> living(List<String> ending) {
    List<ProcessHandle> living = new ArrayList<>();
    for (String run : ending) {
      living.addAll(MarkedProcesses.of(run));
      Process process = running.get(run);
      if (process != null && process.isAlive() && !living.contains(process.toHandle())) {
        living.add(process.toHandle()); // where there is no /proc
      }
    }
    return living;
  }

  /** Returns whether a process leads a group: field 5 of its state. */
  private static boolean isGroup(long pid) {
    try {
      String state = Files.readString(Path.of("/proc", Long.toString(pid), "stat"));
      String[] fields = state.substring(state.lastIndexOf(')') + 2).split(" ");
      return Long.parseLong(fields[2]) == pid;
    } catch (IOException e) {
      return false;
    }
  }

  private static void signal(String signal, long pid) {
    try {
      var unused =
          new ProcessBuilder("kill", signal, "--", Long.toString(pid))
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start()
              .waitFor();
    } catch (IOException e) {
      return; // it is told by SIGTERM
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
