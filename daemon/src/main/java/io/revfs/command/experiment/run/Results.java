package io.revfs.command.experiment.run;

import io.revfs.command.CommandFailure;
import io.revfs.command.Invocation;
import io.revfs.command.experiment.session.ExperimentSession;
import io.revfs.experiment.ExperimentRef;
import io.revfs.project.Project;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Gives commits of experiments their names. */
final class Results {
  private Results() {}

  /**
   * Names a commit.
   *
   * @param force whether an experiment of that name is replaced
   * @return the commit that has the name now: an older one with the same files keeps it
   * @throws CommandFailure if an experiment with other files has the name
   */
  static String keep(
      ExperimentSession session, ExperimentRef experiment, String commit, boolean force)
      throws IOException {
    if (session.refs().create(experiment, commit)) {
      return commit;
    }
    if (force) {
      session.refs().replace(experiment, commit);
      return commit;
    }
    Optional<String> before = session.refs().commit(experiment);
    if (before.isPresent()
        && session.git().treeOf(before.get()).equals(session.git().treeOf(commit))) {
      return before.get();
    }
    throw new CommandFailure(
        "Experiment conflicts with existing experiment '%s'; its results are in commit %s"
            .formatted(experiment.name(), commit.substring(0, 7)),
        "replace it: dvc exp run -f; or keep both: git branch NAME " + commit.substring(0, 7),
        CommandFailure.OTHER);
  }

  /** Shares a new experiment if the configuration asks for it; failing to is only told. */
  static void share(Tools tools, Invocation call, Project project, ExperimentRef experiment)
      throws IOException {
    Optional<String> variable = Optional.ofNullable(call.environment().get("DVC_EXP_AUTO_PUSH"));
    boolean wanted =
        variable.map(Project::isTrue).orElseGet(() -> project.isSet("exp", "auto_push", false));
    if (!wanted) {
      return;
    }
    String remote =
        Optional.ofNullable(call.environment().get("DVC_EXP_GIT_REMOTE"))
            .or(() -> project.config().get("exp", "git_remote"))
            .orElse("origin");
    call.out("Pushing experiment to '%s'.".formatted(remote));
    try {
      tools
          .push()
          .run(
              call.in(project.root())
                  .withArguments(
                      Map.of(
                          "git_remote",
                          remote,
                          "experiments",
                          List.of(experiment.ref()),
                          "run-cache",
                          true)));
    } catch (java.io.InterruptedIOException e) {
      throw e;
    } catch (IOException e) {
      call.warn(
          "WARNING: the experiment is not shared: %s (dvc exp push %s %s)"
              .formatted(e.getMessage(), remote, experiment.name()));
    }
  }
}
