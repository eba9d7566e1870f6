package io.revfs.command.repro;

import io.revfs.command.Command;
import io.revfs.command.CommandFailure;
import io.revfs.command.Invocation;
import io.revfs.command.record.Recorder;
import io.revfs.command.record.StageRecorder;
import io.revfs.command.record.StoreStates;
import io.revfs.command.tracking.DepStatuses;
import io.revfs.command.tracking.Session;
import io.revfs.stage.Stage;
import io.revfs.stage.StageId;
import io.revfs.workspace.Workspaces;
import io.revfs.workspace.store.RefusedException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** {@code repro}: runs the stages whose outputs are not what their inputs now make. */
public final class ReproCommand implements Command {
  private final Workspaces workspaces;
  private final DepStatuses sources;
  private final StoreStates stores;
  private final Pulls pulls;

  /** Brings what a stage lacks. */
  @FunctionalInterface
  public interface Pulls {
    /** Fetches and checks out the outputs that targets name; false if not all could be had. */
    boolean pull(Session session, List<Stage> stages) throws IOException;
  }

  /**
   * @param sources says how dependencies differ that are no files
   * @param stores says what they are
   */
  public ReproCommand(Workspaces workspaces, DepStatuses sources, StoreStates stores, Pulls pulls) {
    this.workspaces = workspaces;
    this.sources = sources;
    this.stores = stores;
    this.pulls = pulls;
  }

  @Override
  public String name() {
    return "repro";
  }

  @Override
  public void run(Invocation call) throws IOException {
    try (Session session = Session.open(call, workspaces, "Reproducing");
        ProjectHold hold = new ProjectHold(session)) {
      new Reproduction(session, hold).run(ReproOrder.of(session));
    } catch (RefusedException e) {
      throw new CommandFailure(
          String.valueOf(e.getMessage()), e.whatToDo(), CommandFailure.OTHER, e);
    }
  }

  /** One call. */
  private final class Reproduction {
    private final Session session;
    private final Invocation call;
    private final Recorder recorder;
    private final StageRun runs;
    private final StageChanges changes;
    private final Map<StageId, String> failed = new LinkedHashMap<>();
    private final Set<StageId> skipped = new HashSet<>();
    private final Set<StageId> forced = new HashSet<>();

    Reproduction(Session session, ProjectHold hold) {
      this.session = session;
      this.call = session.call();
      boolean commit = !call.flag("no-commit");
      this.recorder = new Recorder(session, commit, true);
      this.changes = new StageChanges(session, sources);
      StageRecorder stages = new StageRecorder(session, recorder, stores);
      this.runs = new StageRun(session, recorder, stages, changes, hold);
    }

    void run(ReproOrder order) throws IOException {
      int done = 0;
      try {
        for (Stage stage : order.stages()) {
          Invocation.checkInterrupted();
          if (!skipped.contains(stage.id()) && reproduceOrFail(order, stage)) {
            done++;
          }
        }
      } finally {
        recorder.tellGit();
      }
      if (!failed.isEmpty() && !call.flag("ignore-errors")) {
        throw new CommandFailure(
            "failed to reproduce%s %s"
                .formatted(
                    failed.size() > 1 ? " stages:" : "",
                    String.join(
                        ", ",
                        failed.keySet().stream()
                            .map(id -> "'" + id.addressing(session.from()) + "'")
                            .toList())),
            "see above what went wrong",
            CommandFailure.OTHER);
      }
      call.out(
          done == 0
              ? "Data and pipelines are up to date."
              : "Use `dvc push` to send your updates to remote storage.");
    }

    private boolean reproduceOrFail(ReproOrder order, Stage stage) throws IOException {
      boolean force = call.flag("force") || forced.contains(stage.id());
      boolean ran;
      try {
        ran = reproduce(order, stage, force);
      } catch (InterruptedIOException e) {
        throw e;
      } catch (IOException e) {
        fail(order, stage, e);
        return false;
      }
      if (call.flag("force-downstream") && (ran || force)) {
        forced.addAll(order.downstream(stage));
      }
      return ran;
    }

    private void fail(ReproOrder order, Stage stage, IOException e) throws IOException {
      String name = stage.id().addressing(session.from());
      boolean ignore = call.flag("ignore-errors");
      if (!ignore && !call.flag("keep-going")) {
        throw new CommandFailure(
            "failed to reproduce '%s': %s".formatted(name, e.getMessage()),
            e instanceof CommandFailure failure ? failure.whatToDo() : "",
            CommandFailure.OTHER,
            e);
      }
      failed.put(stage.id(), String.valueOf(e.getMessage()));
      call.warn("WARNING: " + e.getMessage() + (ignore ? " (ignored)" : ""));
      if (ignore) {
        return;
      }
      Set<StageId> dependents = order.dependents(stage);
      skipped.addAll(dependents);
      if (!dependents.isEmpty()) {
        String names =
            dependents.stream()
                .map(id -> "'" + id.addressing(session.from()) + "'")
                .collect(Collectors.joining(" and "));
        call.warn(
            "WARNING: %s %s will be skipped due to this failure"
                .formatted(dependents.size() > 1 ? "Stages" : "Stage", names));
      }
    }

    /** Returns whether it ran. */
    private boolean reproduce(ReproOrder order, Stage stage, boolean force) throws IOException {
      String name = stage.id().addressing(session.from());
      if (stage.frozen() && !stage.isImport()) {
        call.warn(
            "WARNING: stage: '%s' is frozen. Its dependencies are not going to be reproduced."
                .formatted(name));
      }
      List<Stage> upstream = order.upstream(stage);
      boolean missing = call.flag("allow-missing");
      if (!force && !changes.isChanged(stage, missing, upstream)) {
        boolean data = !stage.isPipeline() && stage.command().isEmpty();
        call.out(
            (data ? "'%s' didn't change, skipping" : "Stage '%s' didn't change, skipping")
                .formatted(name));
        return false;
      }
      if (!force && call.flag("pull") && !changes.isChanged(stage, true, upstream)) {
        call.out("Pulling data for stage: '%s'".formatted(name));
        if (pulls.pull(session, List.of(stage))) {
          return false;
        }
        call.out("Unable to pull data for stage: '%s'".formatted(name));
      }
      if (isAsked() && !call.ask("Going to reproduce '%s'. Are you sure?".formatted(name))) {
        throw new CommandFailure(
            "reproduction aborted by the user", "leave --interactive out", CommandFailure.OTHER);
      }
      runs.run(stage, StageRun.Options.of(call, force));
      call.ran(stage.id().toString());
      return true;
    }

    private boolean isAsked() {
      return call.flag("interactive") || session.project().isSet("core", "interactive", false);
    }
  }
}
