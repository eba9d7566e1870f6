package io.revfs.experiment.queue;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The workers of all projects: processes of people, each on the line with this daemon for as long
 * as it lives. So they are known by heart, and one that dies is gone from here. Thread-safe.
 */
public final class Workers {
  private final Object lock = new Object();

  @GuardedBy("lock")
  private final Map<Path, Map<Integer, Worker>> byProject = new HashMap<>();

  /** One of them. */
  public static final class Worker {
    private final long pid;
    private boolean ending;
    private String task = "";

    private Worker(long pid) {
      this.pid = pid;
    }
  }

  /** What is known of one. */
  public record Known(int number, long pid, Optional<String> task) {}

  /** Adds a worker; empty if there is one of that number. */
  public Optional<Worker> join(Path project, int number, long pid) {
    synchronized (lock) {
      Map<Integer, Worker> workers = byProject.computeIfAbsent(project, p -> new LinkedHashMap<>());
      if (workers.containsKey(number)) {
        return Optional.empty();
      }
      Worker worker = new Worker(pid);
      workers.put(number, worker);
      return Optional.of(worker);
    }
  }

  /** Takes a worker out. */
  public void leave(Path project, int number) {
    synchronized (lock) {
      Map<Integer, Worker> workers = byProject.get(project);
      if (workers != null) {
        workers.remove(number);
        if (workers.isEmpty()) {
          byProject.remove(project);
        }
      }
    }
  }

  /** Gives a worker the first task that no other has; empty if it is to end. */
  public Optional<Task> next(Path project, Worker worker, List<Task> waiting) {
    synchronized (lock) {
      worker.task = "";
      if (worker.ending) {
        return Optional.empty();
      }
      Map<Integer, Worker> all = byProject.getOrDefault(project, Map.of());
      for (Task task : waiting) {
        if (all.values().stream().noneMatch(one -> one.task.equals(task.id()))) {
          worker.task = task.id();
          return Optional.of(task);
        }
      }
      return Optional.empty();
    }
  }

  /** Lets all workers of a project end after what they do now. */
  public void stop(Path project) {
    synchronized (lock) {
      byProject.getOrDefault(project, Map.of()).values().forEach(worker -> worker.ending = true);
    }
  }

  /** Returns the workers of a project. */
  public List<Known> of(Path project) {
    synchronized (lock) {
      return byProject.getOrDefault(project, Map.of()).entrySet().stream()
          .map(
              entry ->
                  new Known(
                      entry.getKey(),
                      entry.getValue().pid,
                      Optional.of(entry.getValue().task).filter(task -> !task.isEmpty())))
          .toList();
    }
  }
}
