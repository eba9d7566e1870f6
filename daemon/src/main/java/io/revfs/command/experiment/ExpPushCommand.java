package io.revfs.command.experiment;

import io.revfs.command.Command;
import io.revfs.command.CommandFailure;
import io.revfs.command.Invocation;
import io.revfs.command.experiment.session.ExperimentSession;
import io.revfs.experiment.ExperimentRef;
import io.revfs.git.GitRemote;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** {@code exp push}: shares experiments by a Git remote, and their data by DVC's. */
final class ExpPushCommand implements Command {
  private final Command data;

  /** {@code data}: {@code push}. */
  ExpPushCommand(Command data) {
    this.data = data;
  }

  @Override
  public String name() {
    return "exp push";
  }

  @Override
  public void run(Invocation call) throws IOException {
    List<String> shared = new ArrayList<>();
    Optional<CommandFailure> rejected = Optional.empty();
    try (ExperimentSession session = ExperimentSession.open(call)) {
      GitRemote remote = session.remote(call.required("git_remote"));
      Map<ExperimentRef, String> all = session.refs().all();
      Map<ExperimentRef, String> chosen = new LinkedHashMap<>();
      for (ExperimentRef one : chosen(session, all)) {
        chosen.put(one, java.util.Objects.requireNonNull(all.get(one)));
      }
      Map<String, GitRemote.Result> results =
          chosen.isEmpty()
              ? Map.of()
              : RemoteExperiments.push(
                  remote,
                  chosen.keySet().stream().map(one -> one.ref() + ":" + one.ref()).toList(),
                  call.flag("force"));
      tell(call, remote, chosen.keySet(), results);
      chosen.forEach(
          (one, commit) -> {
            GitRemote.Result result = results.get(one.ref());
            boolean there =
                result != null
                    && (result.outcome() == GitRemote.Outcome.DONE
                        || result.outcome() == GitRemote.Outcome.UP_TO_DATE);
            if (there) {
              shared.add(commit);
            }
          });
      try {
        RemoteExperiments.check(remote, results);
      } catch (CommandFailure e) {
        rejected = Optional.of(e); // the others are there, and their data is to follow
      }
    }
    if (call.flag("no-cache")) {
      call.out(
          "To push cached outputs for this experiment to DVC remote storage,"
              + "re-run this command without '--no-cache'.");
    } else if (!shared.isEmpty()) {
      push(dataCall(call, shared));
    }
    if (rejected.isPresent()) {
      throw rejected.get();
    }
  }

  /** The experiments are there by now, so it is said that it is only the data that is not. */
  private void push(Invocation call) throws IOException {
    try {
      data.run(call);
    } catch (CommandFailure e) {
      throw new CommandFailure(
          "failed to push cache - " + e.getMessage(),
          e.whatToDo() + "; to leave the data out: --no-cache",
          CommandFailure.OTHER,
          e);
    }
  }

  /** Returns the experiments that are named, or that began with the commits that are. */
  private static Set<ExperimentRef> chosen(
      ExperimentSession session, Map<ExperimentRef, String> all) throws IOException {
    return chosen(session, all.keySet(), "");
  }

  /**
   * As the other one, of another repository.
   *
   * @param where that repository's name; empty for this one
   */
  static Set<ExperimentRef> chosen(ExperimentSession session, Set<ExperimentRef> all, String where)
      throws IOException {
    Invocation call = session.call();
    if (call.flag("all-commits")) {
      return all;
    }
    Set<ExperimentRef> chosen = new LinkedHashSet<>();
    List<String> unknown = new ArrayList<>();
    for (String name : call.values("experiments")) {
      session.named(name, all).ifPresentOrElse(chosen::add, () -> unknown.add(name));
    }
    if (!unknown.isEmpty()) {
      throw ExperimentSession.unknown(unknown, where);
    }
    if (chosen.isEmpty()) {
      Set<String> baselines = session.baselines();
      all.stream().filter(one -> baselines.contains(one.baseline())).forEach(chosen::add);
    }
    return chosen;
  }

  /** Returns the call of the command that moves the data of some commits. */
  static Invocation dataCall(Invocation call, List<String> commits) {
    Map<String, Object> arguments = new LinkedHashMap<>();
    arguments.put("only-commits", commits);
    call.value("remote").ifPresent(remote -> arguments.put("remote", remote));
    call.number("jobs").ifPresent(jobs -> arguments.put("jobs", jobs));
    arguments.put("run-cache", call.flag("run-cache") && !call.flag("no-run-cache"));
    return call.withArguments(arguments);
  }

  private static void tell(
      Invocation call,
      GitRemote remote,
      Set<ExperimentRef> chosen,
      Map<String, GitRemote.Result> results) {
    List<String> diverged = named(chosen, results, GitRemote.Outcome.DIVERGED);
    List<String> same = named(chosen, results, GitRemote.Outcome.UP_TO_DATE);
    List<String> done = named(chosen, results, GitRemote.Outcome.DONE);
    if (!diverged.isEmpty()) {
      call.warn(
          ("Local experiment %s has diverged from remote experiment with the same name.\n"
                  + "To override the remote experiment re-run with '--force'.")
              .formatted(String.join(", ", diverged)));
    }
    if (!same.isEmpty()) {
      call.out(
          "Experiment %s %s up to date on Git remote '%s'."
              .formatted(String.join(", ", same), same.size() > 1 ? "are" : "is", remote.name()));
    }
    if (!done.isEmpty()) {
      call.out(
          "Pushed experiment %s to Git remote '%s'."
              .formatted(String.join(", ", done), remote.name()));
    }
    if (same.isEmpty() && done.isEmpty()) {
      call.out("No experiments to push.");
    }
  }

  private static List<String> named(
      Set<ExperimentRef> chosen, Map<String, GitRemote.Result> results, GitRemote.Outcome outcome) {
    return chosen.stream()
        .filter(
            one -> {
              GitRemote.Result result = results.get(one.ref());
              return result != null && result.outcome() == outcome;
            })
        .map(ExperimentRef::name)
        .toList();
  }
}
