package io.revfs.experiment.queue;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import io.revfs.experiment.ExperimentRef;
import io.revfs.reach.Passages;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * An experiment of the queue.
 *
 * @param id the stashed commit: what is to be run, with the changes of the work tree and of the
 *     call in it
 * @param name the experiment's
 * @param baseline the commit it is compared with
 * @param head the commit it was made on
 * @param order its place in the queue
 * @param queuedAt seconds since 1970
 * @param from the directory it runs in, from the project's root
 * @param arguments those of {@code repro}
 * @param copies what else is copied from the work tree, from the project's root
 * @param message of the commit; null for the usual one
 * @param force whether it takes the place of an experiment of its name
 * @param attempts how often it was begun
 * @param directory where it runs or ran, as people have it; null where that is gone
 * @param commit what came of it; null before
 * @param failure why it failed, or cannot be run here; null if neither
 * @param pid of the process that ran it
 * @param shared whether DVC was told of it: then it is gone when DVC does not know it any more
 */
@JsonIgnoreProperties(ignoreUnknown = true)
public record Task(
    String id,
    String name,
    String baseline,
    String head,
    long order,
    long queuedAt,
    State state,
    String from,
    Map<String, Object> arguments,
    List<String> copies,
    @Nullable String message,
    boolean force,
    int attempts,
    @Nullable String directory,
    @Nullable String commit,
    @Nullable String failure,
    long pid,
    boolean shared) {
  public Task {
    arguments = Map.copyOf(arguments);
    copies = List.copyOf(copies);
  }

  /** How far it is. */
  public enum State {
    QUEUED,
    RUNNING,
    /** What it made is a commit; the experiment may have its name already. */
    FINISHING,
    SUCCESS,
    FAILED
  }

  /** What came of it. */
  public ExperimentRef experiment() {
    return new ExperimentRef(baseline, name);
  }

  /** Returns where this process reaches the directory it runs or ran in. */
  public Optional<Path> place() {
    return Optional.ofNullable(directory).map(Path::of).map(Passages::below);
  }

  /** Returns why it failed. */
  public Optional<String> why() {
    return Optional.ofNullable(failure);
  }

  /** Returns the task at a place in the queue. */
  public Task at(long place) {
    return new Task(
        id, name, baseline, head, place, queuedAt, state, from, arguments, copies, message, force,
        attempts, directory, commit, failure, pid, shared);
  }

  /** Returns the task with another executor of its stages. */
  public Task by(String executor) {
    Map<String, Object> others = new LinkedHashMap<>(arguments);
    others.put("executor", executor);
    return new Task(
        id, name, baseline, head, order, queuedAt, state, from, others, copies, message, force,
        attempts, directory, commit, failure, pid, shared);
  }

  /** Returns the task that DVC knows of. */
  public Task told() {
    return new Task(
        id, name, baseline, head, order, queuedAt, state, from, arguments, copies, message, force,
        attempts, directory, commit, failure, pid, true);
  }

  /** Returns the task as DVC runs it. */
  public Task elsewhere(@Nullable String inDirectory, long byProcess) {
    return with(State.RUNNING, attempts, inDirectory, null, null, byProcess);
  }

  /** Returns the task that another did, with the name that its experiment got. */
  public Task succeededAs(String made) {
    return new Task(
        id,
        made,
        baseline,
        head,
        order,
        queuedAt,
        State.SUCCESS,
        from,
        arguments,
        copies,
        message,
        force,
        attempts,
        null,
        null,
        null,
        pid,
        shared);
  }

  /** Returns whether it waits and can be run here. */
  public boolean isReady() {
    return state == State.QUEUED && failure == null;
  }

  /** Returns whether it has ended, and all that comes of it is there. */
  public boolean isDone() {
    return state == State.SUCCESS || state == State.FAILED;
  }

  /** Returns the task as it is queued. */
  public Task queued() {
    return with(State.QUEUED, attempts, null, null, null, 0);
  }

  /** Returns the task as it is begun. */
  public Task running(String inDirectory, long byProcess) {
    return with(State.RUNNING, attempts + 1, inDirectory, null, null, byProcess);
  }

  /** Returns the task whose commit is made. */
  public Task finishing(String made) {
    return with(State.FINISHING, attempts, directory, made, null, pid);
  }

  /** Returns the task that is done. */
  public Task succeeded() {
    return with(State.SUCCESS, attempts, null, commit, null, pid);
  }

  /** Returns the task that failed; its directory stays. */
  public Task failed(String why) {
    return with(State.FAILED, attempts, directory, null, why, pid);
  }

  private Task with(
      State now,
      int begun,
      @Nullable String inDirectory,
      @Nullable String made,
      @Nullable String why,
      long byProcess) {
    return new Task(
        id,
        name,
        baseline,
        head,
        order,
        queuedAt,
        now,
        from,
        arguments,
        copies,
        message,
        force,
        begun,
        inDirectory,
        made,
        why,
        byProcess,
        shared);
  }
}
