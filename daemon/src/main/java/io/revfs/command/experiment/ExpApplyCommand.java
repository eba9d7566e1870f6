package io.revfs.command.experiment;

import io.revfs.command.Command;
import io.revfs.command.CommandFailure;
import io.revfs.command.Invocation;
import io.revfs.command.PastMounts;
import io.revfs.command.experiment.session.ExperimentSession;
import io.revfs.command.tracking.CheckoutCommand;
import io.revfs.command.tracking.CheckoutRun;
import io.revfs.command.tracking.Session;
import io.revfs.experiment.ExperimentRef;
import io.revfs.experiment.ExperimentRefs;
import io.revfs.experiment.queue.Task;
import io.revfs.experiment.queue.celery.ReproArguments;
import io.revfs.git.GitCaller;
import io.revfs.git.GitStatus;
import io.revfs.git.RefStash;
import io.revfs.git.ScratchIndex;
import io.revfs.workspace.Workspaces;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * {@code exp apply}: brings an experiment's files and data into the work tree. Neither {@code HEAD}
 * nor the index moves, and what was in the work tree is kept in a stash of its own.
 */
final class ExpApplyCommand implements Command {
  private static final String ORIGIN = ExperimentRef.NAMESPACE + "apply/ORIG_HEAD";
  private static final String STASH = ExperimentRef.NAMESPACE + "apply/stash";

  private final Workspaces workspaces;

  ExpApplyCommand(Workspaces workspaces) {
    this.workspaces = workspaces;
  }

  @Override
  public String name() {
    return "exp apply";
  }

  @Override
  public void run(Invocation call) throws IOException {
    String named = call.required("experiment");
    try (ExperimentSession session = ExperimentSession.open(call)) {
      String commit = commit(session, named);
      try (Session files = Session.open(call, workspaces, "Checking out");
          var lock = files.lock(CommandFailure.OTHER)) {
        keep(session, commit, named);
        PastMounts.changing(
            files.project().root(),
            () -> {
              bring(session, commit);
              Files.deleteIfExists(session.project().dvcDirectory().resolve(ReproArguments.FILE));
            });
        CheckoutRun.Result result =
            new CheckoutRun(files, new CheckoutRun.Options(true, false, false))
                .run(files.targets("targets"), true);
        if (!result.failed().isEmpty()) {
          throw CheckoutCommand.missing(result.failed());
        }
      }
      session.git().gitRefs().set(ExperimentRefs.APPLIED, commit, "exp apply");
    }
    call.out(
        "Changes for experiment '%s' have been applied to your current workspace."
            .formatted(named));
  }

  private static String commit(ExperimentSession session, String named) throws IOException {
    try {
      return session.commit(named);
    } catch (CommandFailure e) {
      Optional<Task> task = session.tasks().find(named);
      if (task.isPresent()) {
        return task.get().id();
      }
      throw new CommandFailure(
          "'%s' does not appear to be an experiment commit.".formatted(named),
          "see: dvc exp list --all-commits",
          CommandFailure.OTHER,
          e);
    }
  }

  /** Puts all that differs from {@code HEAD}, and what is not tracked, into the stash. */
  private static void keep(ExperimentSession session, String commit, String named)
      throws IOException {
    GitCaller git = session.caller();
    String head = session.head();
    RefStash stash = session.git().stash(git, STASH);
    stash.clear();
    session.git().gitRefs().set(ORIGIN, head, "exp apply");
    GitStatus status = GitStatus.of(git.directory(), true);
    if (!status.isDirty()) {
      return;
    }
    String message = "dvc-exp-apply:%s:%s:%s".formatted(head, commit, named);
    try (ScratchIndex index = ScratchIndex.copy(git)) {
      String indexed = git.commit(index.tree(), List.of(head), "index on " + head);
      index.takeTracked();
      List<String> parents = new ArrayList<>(List.of(head, indexed));
      if (!status.untracked().isEmpty()) {
        try (ScratchIndex others = ScratchIndex.empty(git)) {
          others.takeUntracked(status.untracked());
          parents.add(git.commit(others.tree(), List.of(), "untracked files on " + head));
        }
      }
      stash.push(git.commit(index.tree(), parents, message), message);
    }
  }

  private static void bring(ExperimentSession session, String commit) throws IOException {
    try (ScratchIndex index = ScratchIndex.copy(session.caller())) {
      index.takeTracked();
      index.bring(commit);
    } catch (GitCaller.FailedException e) {
      throw new CommandFailure(
          "cannot write the experiment's files: " + e.getMessage(),
          "what was there is in a stash: git stash apply " + STASH,
          CommandFailure.OTHER,
          e);
    }
  }
}
