package io.revfs.experiment.queue;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.revfs.experiment.ExperimentRef;
import io.revfs.git.GitCaller;
import io.revfs.git.GitRepository;
import io.revfs.git.RefStash;
import io.revfs.posix.OwnerLock;
import io.revfs.project.Project;
import io.revfs.text.AtomicFile;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The queue of a project, in files below {@code .dvc/tmp/exps}. What a task is worth knowing is in
 * its file; who runs it holds its lock. Not thread-safe itself, but several may be used at once:
 * whoever begins or ends a task has claimed it, and whoever adds or removes holds the project's
 * lock.
 */
public final class TaskQueue {
  private static final String STASH = ExperimentRef.NAMESPACE + "celery/stash";
  private static final String FAILED = ExperimentRef.NAMESPACE + "celery/failed";
  private static final String SUFFIX = ".json";
  private static final int UMASK = 022;
  private static final ObjectMapper JSON = new ObjectMapper();

  /** Claims of this process, by the task's file. */
  private static final Map<Path, Claim> CLAIMED = new ConcurrentHashMap<>();

  private final Path directory;
  private final Path exps;
  private final RefStash stash;
  private final RefStash failed;
  private final ExperimentTraces traces;

  /** {@code caller} is who changes Git's refs. */
  public TaskQueue(Project project, GitRepository git, GitCaller caller) throws IOException {
    this.exps = project.tmp().resolve("exps");
    this.directory = exps.resolve("tasks");
    this.stash = git.stash(caller, STASH);
    this.failed = git.stash(caller, FAILED);
    this.traces = new ExperimentTraces(project);
  }

  /** The right to run a task; it ends with {@link #close}, or with this process. */
  public static final class Claim implements java.io.Closeable {
    private final Path file;
    private final OwnerLock lock;
    private volatile boolean killed;

    private Claim(Path file, OwnerLock lock) {
      this.file = file;
      this.lock = lock;
    }

    /** Returns whether somebody wants the task to end without a result. */
    public boolean isKilled() {
      return killed;
    }

    @Override
    public void close() throws IOException {
      lock.close();
      CLAIMED.remove(file);
    }
  }

  private Path file(String id) {
    return directory.resolve(id + SUFFIX);
  }

  private Path lockFile(String id) {
    return directory.resolve(id + ".lock");
  }

  /** Returns where what a task prints is kept. */
  public Path log(String id) {
    return exps.resolve("run").resolve(id).resolve(id + ".out");
  }

  /** Returns a directory that a task may run in; it is not there. */
  public Path place(Task task) {
    return exps.resolve("views").resolve(task.id() + "-" + (task.attempts() + 1));
  }

  /** Returns the next place in the queue. */
  public long nextOrder() throws IOException {
    return all().stream().mapToLong(Task::order).max().orElse(0) + 1;
  }

  /** Adds a task. */
  public void add(Task task, String stashMessage) throws IOException {
    stash.push(task.id(), stashMessage);
    write(task);
  }

  /** Writes what a task has come to. */
  public void write(Task task) throws IOException {
    Files.createDirectories(directory);
    AtomicFile.replace(file(task.id()), JSON.writeValueAsBytes(task), UMASK);
  }

  /** Returns a task as it is now; one that nobody runs any more is queued again. */
  public Optional<Task> task(String id) throws IOException {
    Optional<Task> stored = stored(id);
    boolean abandoned =
        stored.filter(task -> task.state() == Task.State.RUNNING).isPresent() && !isClaimed(id);
    return abandoned ? stored.map(Task::queued) : stored;
  }

  /** Returns a task as its file has it, whoever runs it. */
  public Optional<Task> stored(String id) throws IOException {
    byte[] content;
    try {
      content = Files.readAllBytes(file(id));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    }
    try {
      return Optional.of(JSON.readValue(content, Task.class));
    } catch (JsonProcessingException e) {
      return Optional.empty(); // of another version
    }
  }

  /** Returns all tasks in their order. */
  public List<Task> all() throws IOException {
    List<Task> tasks = new ArrayList<>();
    if (!Files.isDirectory(directory)) {
      return tasks;
    }
    try (DirectoryStream<Path> files = Files.newDirectoryStream(directory, "*" + SUFFIX)) {
      for (Path file : files) {
        String name = String.valueOf(file.getFileName());
        task(name.substring(0, name.length() - SUFFIX.length())).ifPresent(tasks::add);
      }
    }
    tasks.sort(Comparator.comparingLong(Task::order).thenComparing(Task::id));
    return tasks;
  }

  /** Returns the tasks in some states. */
  public List<Task> in(Set<Task.State> states) throws IOException {
    return all().stream().filter(task -> states.contains(task.state())).toList();
  }

  /** Returns the tasks that are being run. */
  public List<Task> active() throws IOException {
    return in(EnumSet.of(Task.State.RUNNING, Task.State.FINISHING));
  }

  /** Returns the tasks that somebody should run, or end what another did not, in their order. */
  public List<Task> waiting() throws IOException {
    List<Task> waiting = new ArrayList<>();
    for (Task task : all()) {
      boolean left = task.state() == Task.State.FINISHING && !isClaimed(task.id());
      if (task.state() == Task.State.QUEUED || left) {
        waiting.add(task);
      }
    }
    return waiting;
  }

  /** Returns a task by its name, or by how its id begins; the latest of several. */
  public Optional<Task> find(String name) throws IOException {
    return all().reversed().stream()
        .filter(
            task -> task.name().equals(name) || (name.length() >= 4 && task.id().startsWith(name)))
        .findFirst();
  }

  private boolean isClaimed(String id) throws IOException {
    if (CLAIMED.containsKey(file(id))) {
      return true;
    }
    OptionalLong owner = OwnerLock.owner(lockFile(id));
    return owner.isPresent()
        && owner.getAsLong() != ProcessHandle.current().pid()
        && ProcessHandle.of(owner.getAsLong()).filter(ProcessHandle::isAlive).isPresent();
  }

  /** Takes the right to run a task; empty if another has it. */
  public Optional<Claim> claim(String id) throws IOException {
    Files.createDirectories(directory);
    Optional<OwnerLock> lock = OwnerLock.take(lockFile(id));
    if (lock.isEmpty()) {
      return Optional.empty();
    }
    Claim claim = new Claim(file(id), lock.get());
    CLAIMED.put(file(id), claim);
    return Optional.of(claim);
  }

  /**
   * Asks who runs a task to end it.
   *
   * @return false if it is run by another daemon, or by nobody
   */
  public boolean kill(Task task) {
    Claim claim = CLAIMED.get(file(task.id()));
    if (claim == null) {
      return false;
    }
    claim.killed = true;
    return true;
  }

  /** Takes a task that is done out of what waits. */
  public void unstash(Task task) throws IOException {
    var unused = stash.drop(task.id());
  }

  /** Puts a task that failed among those that did. */
  public void stashFailed(Task task) throws IOException {
    failed.push(task.id(), message(task));
    unstash(task);
  }

  /** Returns the message that DVC knows a stashed experiment by. */
  public static String message(Task task) {
    return "dvc-exp:%s:%s:%s".formatted(task.head(), task.baseline(), task.name());
  }

  /** Returns what tasks did. */
  public ExperimentTraces traces() {
    return traces;
  }

  /** Removes a task with its log, its directory and, if no experiment came of it, its traces. */
  public void remove(Task task) throws IOException {
    var unusedStash = stash.drop(task.id());
    var unusedFailed = failed.drop(task.id());
    String at = task.directory();
    if (at != null) {
      Views.delete(Path.of(at));
    }
    Views.delete(log(task.id()).resolveSibling(""));
    if (task.state() != Task.State.SUCCESS) {
      traces.forget(task.experiment());
    }
    Files.deleteIfExists(file(task.id()));
    Files.deleteIfExists(lockFile(task.id()));
  }
}
