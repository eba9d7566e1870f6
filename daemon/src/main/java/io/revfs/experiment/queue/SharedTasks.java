package io.revfs.experiment.queue;

import io.revfs.dvc.pickle.PickleException;
import io.revfs.experiment.ExperimentRef;
import io.revfs.experiment.queue.celery.Broker;
import io.revfs.experiment.queue.celery.Broker.Held;
import io.revfs.experiment.queue.celery.Broker.Place;
import io.revfs.experiment.queue.celery.DvcProcesses;
import io.revfs.experiment.queue.celery.ExecutorInfo;
import io.revfs.experiment.queue.celery.ExperimentMessage;
import io.revfs.experiment.queue.celery.QueueEntry;
import io.revfs.experiment.queue.celery.ReproArguments;
import io.revfs.experiment.queue.celery.RunNotes;
import io.revfs.experiment.queue.celery.TaskResults;
import io.revfs.git.GitFiles;
import io.revfs.git.GitRepository;
import io.revfs.project.Project;
import io.revfs.reach.Passages;
import io.revfs.text.RelativePaths;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * What DVC has of the queue's tasks, and what it is told of them. Not thread-safe, but several may
 * be used at once: who runs a task has moved its message, which only one can.
 */
final class SharedTasks {
  private static final String LOCATION = "dvc-task"; // what DVC calls its own queue

  private final Project project;
  private final GitRepository git;
  private final Path top;
  private final Broker broker;
  private final TaskResults results;
  private final RunNotes notes;
  private final Path celery;

  /** {@code top} is the top of the work tree. */
  SharedTasks(Project project, GitRepository git, Path top) throws IOException {
    this.project = project;
    this.git = git;
    this.top = top;
    Path experiments = project.tmp().resolve("exps");
    this.celery = experiments.resolve("celery");
    this.broker = new Broker(celery);
    this.results = new TaskResults(celery);
    this.notes = new RunNotes(experiments);
  }

  RunNotes notes() {
    return notes;
  }

  /** Returns the messages of tasks by their ids. */
  Map<String, Held> all() throws IOException {
    return broker.all();
  }

  /** Returns whether there is a queue of DVC's at all. */
  boolean isThere() {
    return Files.isDirectory(celery.resolve("broker/in"));
  }

  /** Returns the message of a task. */
  Optional<Held> of(String id) throws IOException {
    return broker.of(id);
  }

  /** Returns which messages cannot be understood, a line for each. */
  Map<Path, String> unreadable() {
    return broker.unreadable();
  }

  /** Returns who may be running what DVC took; it looks once. */
  DvcProcesses processes() throws IOException {
    return new DvcProcesses(project.root(), Passages.shown(celery));
  }

  /** Lets DVC's workers know of a task, which then may be theirs. */
  void publish(Task task) throws IOException {
    QueueEntry entry =
        new QueueEntry(
            Passages.shown(project.root()).toString(),
            Passages.shown(top).toString(),
            task.id(),
            task.baseline(),
            null,
            task.name(),
            task.head());
    broker.publish(ExperimentMessage.of(entry, task.copies(), task.message()));
  }

  /**
   * Returns the task that a message is about, as it was when it was queued. What cannot be run here
   * says why.
   */
  Task queued(Held held) throws IOException {
    QueueEntry entry = held.message().entry();
    Map<String, Object> arguments = Map.of();
    long time = 0;
    String failure = null;
    if (git.resolve(entry.commit()).isEmpty()) {
      failure = "its commit " + entry.commit().substring(0, 7) + " is not in the repository";
    } else if (entry.branch() != null) {
      failure = "it goes on with the experiment " + entry.branch() + ", as those of old DVC did";
    } else {
      time = git.timeOf(entry.commit()).getEpochSecond();
      try {
        arguments = arguments(entry.commit());
      } catch (PickleException e) {
        failure =
            "its arguments (.dvc/%s) cannot be read: %s"
                .formatted(ReproArguments.FILE, e.getMessage());
      }
    }
    return new Task(
        entry.commit(),
        entry.name(),
        entry.baseline(),
        entry.head(),
        held.milliseconds(),
        time,
        Task.State.QUEUED,
        "",
        arguments,
        held.message().copies(),
        held.message().message(),
        Boolean.TRUE.equals(arguments.get("force")),
        0,
        null,
        null,
        failure,
        0,
        true);
  }

  private Map<String, Object> arguments(String commit) throws IOException {
    String dvc = top.relativize(project.dvcDirectory()).toString();
    Optional<byte[]> file =
        GitFiles.read(git, git.treeOf(commit), RelativePaths.join(dvc, ReproArguments.FILE));
    return file.isPresent() ? ReproArguments.read(file.get()) : Map.of();
  }

  /**
   * Returns a task that a worker of DVC's has taken, as it is now; {@code task} is as it was
   * queued.
   */
  Task takenByDvc(Task task, Held held, DvcProcesses processes) throws IOException {
    Optional<ExecutorInfo> info = notes.read(task.id());
    if (!results.isReady(held.message().task()) && !isMade(task.id(), processes)) {
      return processes.mayRun(task.id())
          ? task.elsewhere(
              info.map(one -> one.root().toString()).orElse(null),
              notes.runner(task.id()).map(RunNotes.Runner::pid).orElse(0L))
          : task; // who took it has died
    }
    String ref = info.map(ExecutorInfo::ref).orElse(null);
    Optional<ExperimentRef> made = ref == null ? Optional.empty() : ExperimentRef.parse(ref);
    return made.isPresent()
        ? task.succeededAs(made.get().name())
        : task.failed(info.isPresent() ? "see its log" : "it could not be begun");
  }

  /** Returns whether the result of a task is there though who ran it died before he said so. */
  private boolean isMade(String id, DvcProcesses processes) throws IOException {
    Optional<String> ref = notes.read(id).map(ExecutorInfo::ref);
    return ref.isPresent() && !processes.mayRun(id) && git.resolve(ref.get()).isPresent();
  }

  /** Says of a task that a worker of DVC's had and finished that it has ended, if he could not. */
  void endMade(String id) throws IOException {
    Optional<Held> held = of(id).filter(one -> one.place() == Place.TAKEN_BY_DVC);
    if (held.isPresent() && !isEnded(held.get()) && isMade(id, processes())) {
      long pid = notes.runner(id).map(RunNotes.Runner::pid).orElse(0L);
      notes.write(id, notes.read(id).orElseThrow().ended());
      notes.write(id, new RunNotes.Runner(pid, OptionalInt.of(0)));
      results.end(held.get().message().task(), true);
    }
  }

  /**
   * Takes a task's message, so that nobody else runs it.
   *
   * @return false if another has it, or it was removed
   */
  boolean take(String id) throws IOException {
    for (Optional<Held> held = of(id); held.isPresent(); held = of(id)) {
      switch (held.get().place()) {
        case TAKEN_HERE -> {
          return true;
        }
        case WAITING -> {
          if (broker.take(held.get())) {
            return true;
          }
        }
        case TAKEN_BY_DVC -> {
          DvcProcesses now = processes();
          boolean over = isEnded(held.get()) || isMade(id, now);
          return !over && !now.mayRun(id) && broker.take(held.get());
        }
      }
    }
    return false;
  }

  /** Lets a task that was taken here wait for anybody. */
  void putBack(String id) throws IOException {
    Optional<Held> held = of(id).filter(one -> one.place() == Place.TAKEN_HERE);
    if (held.isPresent()) {
      var unused = broker.putBack(held.get());
    }
  }

  /** Notes who runs a task here, before he does. */
  void noteRunner(Task task) throws IOException {
    notes.prepareLog(task.id());
    notes.write(task.id(), info(task, ExecutorInfo.Status.PREPARING, top));
    notes.write(task.id(), new RunNotes.Runner(task.pid(), OptionalInt.empty()));
  }

  /** Notes in which work tree a task is run here. */
  void notePlace(Task task, Path root) throws IOException {
    notes.write(task.id(), info(task, ExecutorInfo.Status.RUNNING, root));
  }

  private ExecutorInfo info(Task task, ExecutorInfo.Status status, Path root) {
    String directory = RelativePaths.join(top.relativize(project.root()).toString(), task.from());
    return new ExecutorInfo(
        task.baseline(),
        LOCATION,
        Passages.shown(root),
        top.relativize(project.dvcDirectory()).toString(),
        task.name(),
        directory.isEmpty() ? "." : directory,
        null,
        null,
        task.force(),
        status);
  }

  /**
   * Notes that a task which ran here has ended: whoever waits for it learns it by the last of these
   * files.
   *
   * @param hash of what came of it; null if it failed
   */
  void ended(Task task, @Nullable String hash) throws IOException {
    ExecutorInfo info = info(task, ExecutorInfo.Status.FAILED, top);
    notes.write(task.id(), hash == null ? info : info.with(hash, task.experiment().ref()));
    notes.write(task.id(), new RunNotes.Runner(task.pid(), OptionalInt.of(hash == null ? 1 : 0)));
    Optional<Held> held = of(task.id());
    if (held.isPresent()) {
      results.end(held.get().message().task(), true);
    }
  }

  /** Returns whether DVC knows that a task has ended. */
  boolean isEnded(Held held) throws IOException {
    return results.isReady(held.message().task());
  }

  /**
   * Lets DVC forget a task.
   *
   * @return false if somebody has just taken it
   */
  boolean remove(Task task) throws IOException {
    Optional<Held> held = of(task.id());
    if (held.isPresent() && !broker.remove(held.get())) {
      return of(task.id()).isEmpty();
    }
    if (held.isPresent()) {
      results.forget(held.get().message().task());
    }
    return true;
  }
}
