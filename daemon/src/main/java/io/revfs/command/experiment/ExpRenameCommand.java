package io.revfs.command.experiment;

import io.revfs.command.Command;
import io.revfs.command.CommandFailure;
import io.revfs.command.Invocation;
import io.revfs.command.experiment.session.ExperimentSession;
import io.revfs.experiment.ExperimentRef;
import io.revfs.git.GitRemote;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** {@code exp rename}: gives an experiment another name, here or in another repository. */
final class ExpRenameCommand implements Command {
  @Override
  public String name() {
    return "exp rename";
  }

  @Override
  public void run(Invocation call) throws IOException {
    List<String> words = call.values("names");
    if (words.size() != 2) {
      throw new CommandFailure(
          "An experiment to rename and a new experiment name are required.",
          "dvc exp rename OLD NEW",
          CommandFailure.OTHER);
    }
    String old = words.getFirst();
    String name = words.getLast();
    if (old.equals(name)) {
      call.out("No experiments to rename.");
      return;
    }
    ExperimentSession.checkName(name);
    try (ExperimentSession session = ExperimentSession.open(call);
        var lock = session.lock()) {
      Optional<String> remote = call.value("git-remote");
      if (remote.isPresent()) {
        inRemote(session, session.remote(remote.get()), old, name);
      } else {
        here(session, old, name);
      }
      call.out("Renamed experiments: '%s'".formatted(old));
    }
  }

  private static void here(ExperimentSession session, String old, String name) throws IOException {
    ExperimentRef experiment =
        session.named(old).orElseThrow(() -> ExperimentSession.unknown(List.of(old), ""));
    ExperimentRef renamed = new ExperimentRef(experiment.baseline(), name);
    if (session.refs().commit(renamed).isPresent() && !session.call().flag("force")) {
      throw ExperimentSession.exists(name, "rename");
    }
    session.refs().rename(experiment, name, session.refs().commit(experiment).orElseThrow());
    session.tasks().traces().rename(experiment, renamed);
  }

  private static void inRemote(ExperimentSession session, GitRemote remote, String old, String name)
      throws IOException {
    Map<ExperimentRef, String> there = RemoteExperiments.list(remote);
    ExperimentRef experiment =
        session
            .named(old, there.keySet())
            .orElseThrow(() -> ExperimentSession.unknown(List.of(old), remote.name()));
    ExperimentRef renamed = new ExperimentRef(experiment.baseline(), name);
    if (there.containsKey(renamed) && !session.call().flag("force")) {
      throw ExperimentSession.exists(name, "rename");
    }
    RemoteExperiments.rename(remote, experiment, renamed);
  }
}
