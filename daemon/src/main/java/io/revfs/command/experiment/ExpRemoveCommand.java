package io.revfs.command.experiment;

import io.revfs.command.Command;
import io.revfs.command.CommandFailure;
import io.revfs.command.Invocation;
import io.revfs.command.experiment.session.ExperimentSession;
import io.revfs.experiment.ExperimentRef;
import io.revfs.experiment.queue.Task;
import io.revfs.experiment.queue.TaskQueue;
import io.revfs.git.GitRemote;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** {@code exp remove}: forgets experiments, here or in another repository. */
final class ExpRemoveCommand implements Command {
  @Override
  public String name() {
    return "exp remove";
  }

  @Override
  public void run(Invocation call) throws IOException {
    List<String> names = call.values("experiments");
    boolean queue = call.flag("queue");
    boolean selected = call.flag("all-commits") || call.has("rev") || queue;
    if (selected == !names.isEmpty()) {
      throw new CommandFailure(
          "Either provide an `experiment` argument, or use the `--rev` or `--all-commits` or"
              + " `--queue` flag.",
          "see: dvc exp remove --help",
          CommandFailure.OTHER);
    }
    if (queue && call.flag("keep")) {
      throw new CommandFailure(
          "Cannot use both `--keep` and `--queue`.", "leave one out", CommandFailure.OTHER);
    }
    try (ExperimentSession session = ExperimentSession.open(call);
        var lock = session.lock()) {
      Optional<GitRemote> remote = call.value("git-remote").map(session::remote);
      List<String> removed = new ArrayList<>();
      if (queue) {
        TaskQueue tasks = session.tasks();
        for (Task task : tasks.in(Set.of(Task.State.QUEUED))) {
          tasks.remove(task);
          removed.add(task.name());
        }
      }
      removed.addAll(remove(session, names, remote));
      call.out(
          removed.isEmpty()
              ? "No experiments to remove."
              : "Removed experiments: " + ExperimentSession.joined(removed));
    }
  }

  private static List<String> remove(
      ExperimentSession session, List<String> names, Optional<GitRemote> remote)
      throws IOException {
    Map<ExperimentRef, String> there =
        remote.isPresent() ? RemoteExperiments.list(remote.get()) : session.refs().all();
    Set<ExperimentRef> chosen = new LinkedHashSet<>();
    Map<String, Task> tasks = new LinkedHashMap<>();
    List<String> unknown = new ArrayList<>();
    for (String name : names) {
      Optional<ExperimentRef> experiment = session.named(name, there.keySet());
      Optional<Task> task = remote.isPresent() ? Optional.empty() : session.tasks().find(name);
      experiment.ifPresent(chosen::add);
      task.ifPresent(one -> tasks.put(name, one));
      if (experiment.isEmpty() && task.isEmpty()) {
        unknown.add(name);
      }
    }
    if (!unknown.isEmpty()) {
      throw ExperimentSession.unknown(unknown, remote.map(GitRemote::name).orElse(""));
    }
    if (session.call().flag("all-commits")) {
      chosen.addAll(there.keySet());
    } else if (session.call().has("rev")) {
      Set<String> baselines = session.baselines();
      there.keySet().stream()
          .filter(one -> baselines.contains(one.baseline()))
          .forEach(chosen::add);
    }
    if (session.call().flag("keep")) {
      Set<ExperimentRef> others = new LinkedHashSet<>(there.keySet());
      others.removeAll(chosen);
      chosen = others;
      tasks.clear();
    }
    if (remote.isPresent()) {
      RemoteExperiments.remove(remote.get(), chosen);
    } else {
      for (ExperimentRef one : chosen) {
        var unused = session.refs().remove(one);
        session.tasks().traces().forget(one);
      }
    }
    for (Task task : tasks.values()) {
      session.tasks().remove(task);
    }
    Set<String> removed = new LinkedHashSet<>();
    chosen.forEach(one -> removed.add(one.name()));
    removed.addAll(tasks.keySet());
    return List.copyOf(removed);
  }
}
