package io.revfs.command.experiment.run;

import io.revfs.command.CommandFailure;
import io.revfs.command.Invocation;
import io.revfs.command.experiment.session.ExperimentSession;
import io.revfs.experiment.queue.QueueUpkeep;
import io.revfs.experiment.queue.Task;
import io.revfs.experiment.queue.TaskQueue;
import io.revfs.experiment.queue.Workers;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/** Starts workers, and follows what they do. */
public final class QueueRun {
  /** What the caller is asked to do: to start itself with other words, and leave it alone. */
  static final String SPAWN = "spawn";

  private static final Set<Task.State> ENDED = EnumSet.of(Task.State.SUCCESS, Task.State.FAILED);
  private static final long POLL_MILLISECONDS = 100;
  private static final long START_SECONDS = 60;

  private final ExperimentSession session;
  private final Workers workers;

  /** Processes of workers that were started and have not been heard of yet, by their numbers. */
  private final Map<Integer, Long> coming = new HashMap<>();

  public QueueRun(ExperimentSession session, Workers workers) {
    this.session = session;
    this.workers = workers;
  }

  /**
   * Makes sure that there are so many workers, as far as there are tasks for them.
   *
   * @return how many were started
   */
  public int start(int count) throws IOException {
    new QueueUpkeep(session.tasks()).settle();
    Path project = session.project().root();
    Set<Integer> there = new HashSet<>();
    workers.of(project).forEach(known -> there.add(known.number()));
    coming.keySet().removeAll(there);
    coming.values().removeIf(pid -> ProcessHandle.of(pid).filter(ProcessHandle::isAlive).isEmpty());
    there.addAll(coming.keySet());
    int free = free() - coming.size();
    int started = 0;
    for (int number = 1; there.size() < count && started < free; number++) {
      if (there.add(number)) {
        spawn(number);
        started++;
      }
    }
    return started;
  }

  /** Returns how many tasks wait that no worker has taken. */
  private int free() throws IOException {
    Set<String> taken = new HashSet<>();
    workers.of(session.project().root()).forEach(worker -> worker.task().ifPresent(taken::add));
    return (int)
        session.tasks().waiting().stream().filter(task -> !taken.contains(task.id())).count();
  }

  /** Returns the words by which a process that is started runs stages where the caller wants it. */
  static List<String> executor(Invocation call) {
    return call.value(ViewRun.EXECUTOR)
        .map(name -> List.of("--" + ViewRun.EXECUTOR, name))
        .orElse(List.of());
  }

  private void spawn(int number) throws IOException {
    Map<String, Object> request = new LinkedHashMap<>();
    List<String> words = new ArrayList<>();
    words.addAll(List.of("exp", "queue-worker", "--number", Integer.toString(number)));
    words.addAll(executor(session.call()));
    request.put("words", words);
    request.put("directory", session.project().root().toString());
    request.put(
        "log", session.project().tmp().resolve("exps/worker-" + number + ".log").toString());
    long pid = session.call().request(SPAWN, request).asLong();
    if (pid == 0) {
      throw new CommandFailure(
          "a worker cannot be started",
          "see .dvc/tmp/exps/worker-%d.log".formatted(number),
          CommandFailure.OTHER);
    }
    coming.put(number, pid);
  }

  /** Runs all that waits and follows it to its end; workers that die are replaced. */
  public void all(int jobs) throws IOException {
    Invocation call = session.call();
    TaskQueue queue = session.tasks();
    List<Task> mine = new ArrayList<>(queue.waiting());
    mine.addAll(queue.active());
    if (mine.isEmpty()) {
      call.out("No experiments in the queue.");
      return;
    }
    call.out(
        "Following logs for all queued experiments. Use Ctrl+C to stop following logs (experiment"
            + " execution will continue).\n");
    keepWorking(jobs);
    List<String> done = new ArrayList<>();
    List<String> failed = new ArrayList<>();
    for (Task task : mine) {
      Optional<Task> end = follow(queue, task, jobs);
      if (end.filter(one -> one.state() == Task.State.SUCCESS).isPresent()) {
        done.add(task.name());
      } else {
        failed.add(task.name());
      }
    }
    if (!done.isEmpty()) {
      call.out("\nRan experiment(s): " + String.join(", ", done));
      call.out(
          "To apply the results of an experiment to your workspace run:\n\n\tdvc exp apply <exp>");
    }
    if (!failed.isEmpty()) {
      throw new CommandFailure(
          "Failed to reproduce experiment(s) '%s'".formatted(String.join(", ", failed)),
          "see: dvc queue logs " + failed.getFirst(),
          CommandFailure.OTHER);
    }
  }

  /** Starts workers where there are tasks and too few workers, and waits until they are there. */
  private void keepWorking(int jobs) throws IOException {
    if (start(jobs) == 0) {
      return;
    }
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(START_SECONDS);
    while (workers.of(session.project().root()).isEmpty() && free() > 0) {
      if (System.nanoTime() > deadline) {
        throw new CommandFailure(
            "no worker starts", "see .dvc/tmp/exps/worker-1.log", CommandFailure.OTHER);
      }
      pause();
    }
  }

  /** Shows what a task prints until it has ended; returns it as it is then. */
  private Optional<Task> follow(TaskQueue queue, Task task, int jobs) throws IOException {
    LogReader log = new LogReader(queue.log(task.id()));
    while (true) {
      Optional<Task> now = queue.task(task.id());
      log.show(session.call());
      if (now.isEmpty() || ENDED.contains(now.get().state())) {
        log.end(session.call());
        return now;
      }
      boolean idle = workers.of(session.project().root()).size() < jobs;
      if (idle && free() > 0) {
        keepWorking(jobs);
      }
      pause();
    }
  }

  /** Waits a moment. */
  public static void pause() throws InterruptedIOException {
    try {
      TimeUnit.MILLISECONDS.sleep(POLL_MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted");
    }
  }
}
