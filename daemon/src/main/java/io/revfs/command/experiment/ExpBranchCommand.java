package io.revfs.command.experiment;

import io.revfs.command.Command;
import io.revfs.command.CommandFailure;
import io.revfs.command.Invocation;
import io.revfs.command.experiment.session.ExperimentSession;
import io.revfs.experiment.ExperimentRef;
import io.revfs.git.GitRefs;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/** {@code exp branch}: gives an experiment's commit a branch. */
final class ExpBranchCommand implements Command {
  private static final String HEADS = "refs/heads/";

  @Override
  public String name() {
    return "exp branch";
  }

  @Override
  public void run(Invocation call) throws IOException {
    try (ExperimentSession session = ExperimentSession.open(call);
        var lock = session.lock()) {
      String named = call.required("experiment");
      ExperimentRef experiment = experiment(session, named);
      String branch = call.value("branch").orElse(experiment.name() + "-branch");
      if (!GitRefs.isName(HEADS + branch)) {
        throw new CommandFailure(
            "'%s' is not a valid branch name".formatted(branch),
            "see: git help check-ref-format",
            CommandFailure.OTHER);
      }
      String commit = session.refs().commit(experiment).orElseThrow();
      String message = "dvc: Created from experiment '%s'".formatted(experiment.name());
      if (!session.git().gitRefs().create(HEADS + branch, commit, message)) {
        throw new CommandFailure(
            "Git branch '%s' already exists.".formatted(branch),
            "take another name: dvc exp branch %s NAME".formatted(named),
            CommandFailure.OTHER);
      }
      call.out(
          "Git branch '%s' has been created from experiment '%s'."
              .formatted(branch, experiment.name()));
      call.out("To switch to the new branch run:\n\n\tgit checkout " + branch);
    }
  }

  private static ExperimentRef experiment(ExperimentSession session, String named)
      throws IOException {
    Optional<ExperimentRef> byName = session.named(named);
    if (byName.isPresent()) {
      return byName.get();
    }
    List<ExperimentRef> found = session.refs().at(session.commit(named));
    String head = session.head();
    return found.stream()
        .filter(one -> found.size() == 1 || one.baseline().equals(head))
        .findFirst()
        .orElseThrow(
            () ->
                new CommandFailure(
                    found.isEmpty()
                        ? "'%s' does not appear to be an experiment commit.".formatted(named)
                        : "'%s' is the commit of several experiments: %s"
                            .formatted(
                                named,
                                String.join(", ", found.stream().map(ExperimentRef::ref).toList())),
                    "see: dvc exp list --all-commits",
                    CommandFailure.OTHER));
  }
}
