package io.revfs.command.experiment;

import io.revfs.command.Command;
import io.revfs.command.Invocation;
import io.revfs.command.experiment.session.ExperimentSession;
import io.revfs.experiment.ExperimentRef;
import io.revfs.git.GitRemote;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** {@code exp pull}: brings shared experiments here, and their data to the cache. */
final class ExpPullCommand implements Command {
  private final Command data;

  /** {@code data}: {@code fetch}. */
  ExpPullCommand(Command data) {
    this.data = data;
  }

  @Override
  public String name() {
    return "exp pull";
  }

  @Override
  public void run(Invocation call) throws IOException {
    List<String> commits = new ArrayList<>();
    try (ExperimentSession session = ExperimentSession.open(call)) {
      GitRemote remote = session.remote(call.required("git_remote"));
      Map<ExperimentRef, String> there = RemoteExperiments.list(remote);
      List<ExperimentRef> wanted = new ArrayList<>();
      List<String> diverged = new ArrayList<>();
      for (ExperimentRef one : ExpPushCommand.chosen(session, there.keySet(), remote.name())) {
        String commit = java.util.Objects.requireNonNull(there.get(one));
        Optional<String> here = session.refs().commit(one);
        if (here.isEmpty() || (!here.get().equals(commit) && call.flag("force"))) {
          wanted.add(one);
        } else if (!here.get().equals(commit)) {
          diverged.add(one.name());
          continue;
        }
        commits.add(commit);
      }
      if (!diverged.isEmpty()) {
        call.warn(
            ("Local experiment %s has diverged from remote experiment with the same name. To"
                    + " override the local experiment re-run with '--force'.")
                .formatted(ExperimentSession.joined(diverged)));
      }
      try {
        remote.fetch(wanted.stream().map(ExperimentRef::ref).toList());
      } catch (IOException e) {
        throw RemoteExperiments.unreachable(remote, e);
      }
      call.out(
          wanted.isEmpty()
              ? "No experiments to pull."
              : "Pulled experiment %s from Git remote '%s'."
                  .formatted(
                      ExperimentSession.joined(wanted.stream().map(ExperimentRef::name).toList()),
                      remote.name()));
    }
    if (call.flag("no-cache")) {
      call.out(
          "To pull cached outputs for this experiment from DVC remote storage,"
              + " re-run this command without '--no-cache'.");
    } else if (!commits.isEmpty()) {
      data.run(ExpPushCommand.dataCall(call, commits));
    }
  }
}
