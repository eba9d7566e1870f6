package io.revfs.command.experiment;

import io.revfs.command.CommandFailure;
import io.revfs.experiment.ExperimentRef;
import io.revfs.git.GitRemote;
import java.io.IOException;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Experiments of another repository. */
final class RemoteExperiments {
  private RemoteExperiments() {}

  /** Returns them and their commits. */
  static Map<ExperimentRef, String> list(GitRemote remote) throws IOException {
    Map<ExperimentRef, String> found = new LinkedHashMap<>();
    try {
      remote
          .list(ExperimentRef.NAMESPACE)
          .forEach(
              (ref, commit) ->
                  ExperimentRef.parse(ref).ifPresent(experiment -> found.put(experiment, commit)));
    } catch (IOException e) {
      throw unreachable(remote, e);
    }
    return found;
  }

  /** Removes some of them. */
  static void remove(GitRemote remote, Collection<ExperimentRef> experiments) throws IOException {
    check(remote, push(remote, experiments.stream().map(one -> ":" + one.ref()).toList(), true));
  }

  /** Gives one another name; the new one is there before the old one goes. */
  static void rename(GitRemote remote, ExperimentRef from, ExperimentRef to) throws IOException {
    try {
      remote.fetchObjects(from.ref());
    } catch (IOException e) {
      throw unreachable(remote, e);
    }
    String commit = list(remote).get(from);
    check(remote, push(remote, List.of(commit + ":" + to.ref()), true));
    check(remote, push(remote, List.of(":" + from.ref()), true));
  }

  /** Pushes; what became of each by the ref's name there. */
  static Map<String, GitRemote.Result> push(
      GitRemote remote, Collection<String> specs, boolean force) throws IOException {
    try {
      return remote.push(specs, force);
    } catch (IOException e) {
      throw unreachable(remote, e);
    }
  }

  /**
   * Makes sure that the other repository took all.
   *
   * @throws CommandFailure naming what it did not take, and why
   */
  static void check(GitRemote remote, Map<String, GitRemote.Result> results) throws CommandFailure {
    List<String> refused =
        results.entrySet().stream()
            .filter(one -> one.getValue().outcome() == GitRemote.Outcome.REJECTED)
            .map(one -> shortened(one.getKey()) + " " + one.getValue().reason())
            .toList();
    if (!refused.isEmpty()) {
      throw new CommandFailure(
          "the Git remote '%s' rejected %s".formatted(remote.name(), String.join(", ", refused)),
          "ask whoever runs it; here nothing changed",
          CommandFailure.OTHER);
    }
  }

  private static String shortened(String ref) {
    return ExperimentRef.parse(ref).map(one -> "'" + one.name() + "'").orElse(ref);
  }

  static CommandFailure unreachable(GitRemote remote, IOException e) {
    return new CommandFailure(
        "the Git remote '%s' cannot be reached: %s".formatted(remote.name(), e.getMessage()),
        "see: git remote -v; git ls-remote " + remote.name(),
        CommandFailure.OTHER,
        e);
  }
}
