package io.revfs.experiment.queue;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.revfs.experiment.ExperimentRef;
import io.revfs.experiment.queue.celery.Broker.Held;
import io.revfs.experiment.queue.celery.Broker.Place;
import io.revfs.experiment.queue.celery.DvcProcesses;
import io.revfs.experiment.queue.celery.QueueEntry;
import io.revfs.git.GitCaller;
import io.revfs.git.GitRepository;
import io.revfs.git.RefStash;
import io.revfs.posix.OwnerLock;
import io.revfs.project.FileTrees;
import io.revfs.project.Project;
import io.revfs.text.AtomicFile;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.LinkedHashSet;
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
  private final SharedTasks shared;
  private final StashLock stashLock;

  /** {@code caller} is who changes Git's refs. */
  public TaskQueue(Project project, GitRepository git, GitCaller caller) throws IOException {
    this.exps = project.tmp().resolve("exps");
    this.directory = exps.resolve("tasks");
    this.stash = git.stash(caller, QueueEntry.STASH);
    this.failed = git.stash(caller, FAILED);
    this.traces = new ExperimentTraces(project);
    this.shared = new SharedTasks(project, git, caller.directory());
    this.stashLock = new StashLock(project);
  }

  /** The right to run a task; it ends with {@link #close}, or with this process. */
  public static final class Claim implements Closeable {
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
    return shared.notes().log(id);
  }

  /** Returns a directory that a task may run in; it is not there. */
  public Path place(Task task) {
    return exps.resolve("views").resolve(task.id() + "-" + (task.attempts() + 1));
  }

  /** Returns the next place in the queue. */
  public long nextOrder() throws IOException {
    return all().stream().mapToLong(Task::order).max().orElse(0) + 1;
  }

  /**
   * Adds a task. Who is stopped in between leaves a file that says that DVC was not told, and
   * {@link QueueUpkeep} tells it.
   */
  public void add(Task task, String stashMessage) throws IOException {
    try (Claim claim = claim(task.id()).orElseThrow()) {
      try (Closeable locked = stashLock.take()) {
        stash.push(task.id(), stashMessage);
      }
      write(task);
      shared.publish(task);
      write(task.told());
    }
  }

  /** Writes what a task has come to. */
  public void write(Task task) throws IOException {
    Files.createDirectories(directory);
    AtomicFile.replace(file(task.id()), JSON.writeValueAsBytes(task), UMASK);
  }

  /** Returns a task as it is now; one that nobody runs any more is queued again. */
  public Optional<Task> task(String id) throws IOException {
    return shown(id, shared.of(id), shared.processes());
  }

  /** Puts together what its file says and what DVC has of it. */
  private Optional<Task> shown(String id, Optional<Held> seen, DvcProcesses processes)
      throws IOException {
    Optional<Task> stored = stored(id);
    boolean isTold = stored.filter(Task::shared).isPresent();
    Optional<Held> held = seen.isEmpty() && isTold ? shared.of(id) : seen; // it may have moved
    if (held.isEmpty()) {
      return isTold && !isClaimed(id) ? Optional.empty() : stored.map(this::unlessAbandoned);
    }
    Task queued = stored.isPresent() ? stored.get().queued() : shared.queued(held.get());
    return Optional.of(
        switch (held.get().place()) {
          case WAITING, TAKEN_HERE -> stored.map(this::unlessAbandoned).orElse(queued);
          case TAKEN_BY_DVC -> shared.takenByDvc(queued, held.get(), processes);
        });
  }

  private Task unlessAbandoned(Task stored) {
    return stored.state() == Task.State.RUNNING && !isClaimed(stored.id())
        ? stored.queued()
        : stored;
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

  /** Returns all tasks in their order, DVC's too. */
  public List<Task> all() throws IOException {
    Map<String, Held> held = shared.all();
    Set<String> ids = new LinkedHashSet<>(held.keySet());
    ids.addAll(files());
    DvcProcesses processes = shared.processes();
    List<Task> tasks = new ArrayList<>();
    for (String id : ids) {
      shown(id, Optional.ofNullable(held.get(id)), processes).ifPresent(tasks::add);
    }
    tasks.sort(
        Comparator.comparingLong(Task::queuedAt)
            .thenComparingLong(Task::order)
            .thenComparing(Task::id));
    return tasks;
  }

  /** Returns the ids of the tasks that have files. */
  List<String> files() throws IOException {
    List<String> ids = new ArrayList<>();
    if (Files.isDirectory(directory)) {
      try (DirectoryStream<Path> files = Files.newDirectoryStream(directory, "*" + SUFFIX)) {
        for (Path file : files) {
          String name = String.valueOf(file.getFileName());
          if (!name.startsWith(".")) { // one that is being written
            ids.add(name.substring(0, name.length() - SUFFIX.length()));
          }
        }
      }
    }
    return ids;
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
      if (task.isReady() || left) {
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

  private boolean isClaimed(String id) {
    if (CLAIMED.containsKey(file(id))) {
      return true;
    }
    try {
      OptionalLong owner = OwnerLock.owner(lockFile(id));
      return owner.isPresent()
          && owner.getAsLong() != ProcessHandle.current().pid()
          && ProcessHandle.of(owner.getAsLong()).filter(ProcessHandle::isAlive).isPresent();
    } catch (IOException e) {
      return false; // it cannot be read: then nobody of ours has it
    }
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

  /**
   * Takes a task, whose right to be run is had, from all others.
   *
   * @return empty if another has it or it is gone; one that is done is as it is
   */
  public Optional<Task> take(String id) throws IOException {
    Optional<Task> stored = stored(id);
    Optional<Held> held = shared.of(id);
    boolean begun =
        stored.filter(task -> task.state().compareTo(Task.State.FINISHING) >= 0).isPresent();
    boolean alone = stored.filter(task -> !task.shared()).isPresent() && held.isEmpty();
    if (begun || alone) {
      return stored;
    }
    if (held.isEmpty()) {
      return Optional.empty();
    }
    Task task = stored.isPresent() ? stored.get().told() : shared.queued(held.get());
    return task.failure() == null && shared.take(id) ? Optional.of(task) : Optional.empty();
  }

  /** Writes that a task is run, for DVC to see too. */
  public void begin(Task running) throws IOException {
    write(running);
    if (running.shared()) {
      shared.noteRunner(running);
    }
  }

  /** Tells DVC where a task runs now. */
  public void show(Task task, Path view) throws IOException {
    if (task.shared()) {
      shared.notePlace(task, view);
    }
  }

  /** Lets a task wait again, for anybody to run. */
  public void putBack(Task task) throws IOException {
    write(task.queued());
    if (task.shared()) {
      shared.putBack(task.id());
    }
  }

  /**
   * Writes that a task is done.
   *
   * @param hash of its experiment
   */
  public void succeed(Task task, String hash) throws IOException {
    try (Closeable locked = stashLock.take()) {
      var unused = stash.drop(task.id()); // who reads that it is done finds nothing of it waiting
    }
    if (task.shared()) {
      shared.ended(task, hash);
    }
    write(task.succeeded());
  }

  /** Writes that a task failed, and puts it among those that did. */
  public void fail(Task task, String why) throws IOException {
    Task ended = task.failed(why);
    write(ended);
    stashFailed(ended);
    if (task.shared()) {
      shared.ended(task, null);
    }
  }

  private void stashFailed(Task task) throws IOException {
    try (Closeable locked = stashLock.take()) {
      if (failed.entries().stream().noneMatch(entry -> entry.commit().equals(task.id()))) {
        failed.push(task.id(), message(task));
      }
      var unused = stash.drop(task.id());
    }
  }

  /** Returns whether a worker of DVC's has a task. */
  public boolean isElsewhere(String id) throws IOException {
    return shared.of(id).filter(one -> one.place() == Place.TAKEN_BY_DVC).isPresent();
  }

  /** Returns the message that DVC knows a stashed experiment by. */
  public static String message(Task task) {
    return "dvc-exp:%s:%s:%s".formatted(task.head(), task.baseline(), task.name());
  }

  /** Returns what of the queue waits in the log of DVC's stash. */
  RefStash stash() {
    return stash;
  }

  /** Returns what DVC has of the tasks. */
  SharedTasks shared() {
    return shared;
  }

  /** Returns what tasks did. */
  public ExperimentTraces traces() {
    return traces;
  }

  /**
   * Removes a task with its log, its directory and, if no experiment came of it, its traces.
   *
   * @throws IOException if somebody has just begun it
   */
  public void remove(Task task) throws IOException {
    if (!shared.remove(task)) {
      throw new IOException(
          "the experiment '%s' has just been begun; end it first: dvc queue kill %s"
              .formatted(task.name(), task.name()));
    }
    try (Closeable locked = stashLock.take()) {
      var unusedStash = stash.drop(task.id());
      var unusedFailed = failed.drop(task.id());
    }
    Optional<Path> at = task.place();
    if (at.isPresent() && at.get().startsWith(exps.resolve("views"))) { // DVC's are DVC's
      FileTrees.remove(at.get());
    }
    FileTrees.remove(shared.notes().directory(task.id()));
    if (task.state() != Task.State.SUCCESS) {
      traces.forget(task.experiment());
    }
    Files.deleteIfExists(file(task.id()));
    Files.deleteIfExists(lockFile(task.id()));
  }
}
