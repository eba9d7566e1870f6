package io.revfs.experiment.queue;

import io.revfs.experiment.queue.celery.Broker.Held;
import io.revfs.experiment.queue.celery.Broker.Place;
import io.revfs.git.RefStash;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Ends what somebody who died left undone: tells DVC of what was added or has ended, lets wait what
 * was taken, and forgets what DVC has removed. Whoever is at work with a task has claimed it, so
 * that is left alone.
 *
 * @param queue the queue
 */
public record QueueUpkeep(TaskQueue queue) {
  /** Does it, as far as there is anything. */
  public void settle() throws IOException {
    Map<String, Held> held = queue.shared().all();
    Set<String> ids = new LinkedHashSet<>(queue.files());
    for (Map.Entry<String, Held> one : held.entrySet()) {
      switch (one.getValue().place()) {
        case WAITING -> {}
        case TAKEN_HERE -> ids.add(one.getKey());
        case TAKEN_BY_DVC -> queue.shared().endMade(one.getKey());
      }
    }
    for (String id : ids) {
      if (mayBeUnsettled(id, Optional.ofNullable(held.get(id)))) {
        try (TaskQueue.Claim claim = queue.claim(id).orElse(null)) {
          if (claim != null) {
            settle(id);
          }
        }
      }
    }
  }

  private boolean mayBeUnsettled(String id, Optional<Held> held) throws IOException {
    Optional<Task> stored = queue.stored(id);
    if (stored.isEmpty() || held.isEmpty() || !stored.get().shared()) {
      return true;
    }
    return held.get().place() == Place.TAKEN_HERE
        && !(stored.get().isDone() && queue.shared().isEnded(held.get()));
  }

  private void settle(String id) throws IOException {
    Optional<Task> stored = queue.stored(id);
    Optional<Held> held = queue.shared().of(id);
    if (stored.isEmpty()) {
      queue.shared().putBack(id); // it was taken, and no more
      return;
    }
    Task task = stored.get();
    boolean here = held.filter(one -> one.place() == Place.TAKEN_HERE).isPresent();
    if (!task.shared()) {
      if (held.isPresent()) {
        queue.write(task.told());
      } else if (task.state() == Task.State.QUEUED && isStashed(id)) {
        queue.shared().publish(task);
        queue.write(task.told());
      }
    } else if (held.isEmpty()) {
      if (queue.shared().isThere() && !isStashed(id)) {
        queue.remove(task);
      }
    } else if (here && task.state() == Task.State.FAILED) {
      queue.fail(task, task.why().orElse(""));
    } else if (here && task.state().compareTo(Task.State.RUNNING) <= 0) {
      queue.putBack(task);
    }
  }

  private boolean isStashed(String id) throws IOException {
    return queue.stash().entries().stream().anyMatch(entry -> entry.commit().equals(id));
  }

  /** Returns what is in the queue and not run here, and why: a line for each. */
  public List<String> problems() throws IOException {
    List<Task> tasks = queue.all();
    List<String> lines = new ArrayList<>();
    for (Map.Entry<Path, String> file : queue.shared().unreadable().entrySet()) {
      lines.add(
          "the message %s in DVC's queue cannot be understood: %s; it stays where it is"
              .formatted(file.getKey(), file.getValue()));
    }
    Set<String> known = new HashSet<>();
    for (Task task : tasks) {
      known.add(task.id());
      if (task.state() == Task.State.QUEUED && !task.isReady()) {
        lines.add(
            "the experiment '%s' is not run by revfs: %s; it stays in the queue (to remove it: dvc queue remove %s)"
                .formatted(task.name(), task.why().orElse(""), task.name()));
      }
    }
    for (RefStash.Entry entry : queue.stash().entries()) {
      String commit = entry.commit().substring(0, 7);
      if (entry.message().startsWith("dvc-exp:") && !known.contains(entry.commit())) {
        lines.add(
            "the stashed experiment %s (%s) has no message in the queue, so nobody runs it; to take its changes: dvc exp apply %s"
                .formatted(commit, entry.message(), commit));
      }
    }
    return lines;
  }
}
