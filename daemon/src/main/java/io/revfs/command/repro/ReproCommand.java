package io.revfs.command.repro;

import io.revfs.command.Command;
import io.revfs.command.CommandFailure;
import io.revfs.command.Invocation;
import io.revfs.command.explain.StageChanges;
import io.revfs.command.record.Recorder;
import io.revfs.command.record.StoreStates;
import io.revfs.command.tracking.DepStatuses;
import io.revfs.command.tracking.Session;
import io.revfs.stage.Stage;
import io.revfs.workspace.Workspaces;
import io.revfs.workspace.store.RefusedException;
import java.io.IOException;
import java.util.List;

/** {@code repro}: runs the stages whose outputs are not what their inputs now make. */
public final class ReproCommand implements Command {
  /** An argument for commands that are made of this one: stages are recorded, but not judged. */
  public static final String TRACED = "traced";

  private final Workspaces workspaces;
  private final DepStatuses sources;
  private final Helpers helpers;

  /** Brings what stages lack. */
  public interface Pulls {
    /** Fetches and checks out the outputs of stages; false if not all could be had. */
    boolean pull(Session session, List<Stage> stages) throws IOException;

    /** Fetches what a stage's outputs are recorded to hold; false if not all could be had. */
    boolean fetch(Session session, Stage stage) throws IOException;

    /** Fetches the history of runs from the remote; if that fails it is told, and all goes on. */
    void fetchHistory(Session session) throws IOException;
  }

  /** Brings imports up to their sources. */
  @FunctionalInterface
  public interface Imports {
    /** Nothing is imported. */
    Imports NONE =
        (session, recorder, stage) -> {
          throw new IOException("nothing can be imported here");
        };

    /** Brings what the source of an import has now, or what is recorded and missing. */
    void bring(Session session, Recorder recorder, Stage stage) throws IOException;
  }

  /**
   * What others do for stages.
   *
   * @param stores says what dependencies are that are no files
   * @param pulls brings what a stage lacks
   * @param imports brings imports up to date
   * @param tracing records what stages do
   */
  public record Helpers(StoreStates stores, Pulls pulls, Imports imports, StageTracing tracing) {}

  /** {@code sources} says how dependencies differ that are no files. */
  public ReproCommand(Workspaces workspaces, DepStatuses sources, Helpers helpers) {
    this.workspaces = workspaces;
    this.sources = sources;
    this.helpers = helpers;
  }

  @Override
  public String name() {
    return "repro";
  }

  @Override
  public void run(Invocation call) throws IOException {
    checkOptions(call);
    try (Session session = Session.open(call, workspaces, "Reproducing");
        ProjectHold hold = new ProjectHold(session)) {
      if (call.flag("pull") && !call.flag("no-run-cache") && !call.flag("dry")) {
        helpers.pulls().fetchHistory(session);
      }
      StageChanges changes = new StageChanges(session, sources);
      ReproOrder order = ReproOrder.of(session, changes.recorded());
      if (call.flag("explain") && call.flag("dry")) {
        new ReproExplainer(sources, helpers.stores()).explainInOrder(session, order.stages());
        return;
      }
      if (Reproduction.isQueued(call)) {
        for (Stage stage : order.stages()) {
          var unused = StageResources.of(stage, stage.id().addressing(session.from()));
        }
      }
      new Reproduction(session, hold, changes, helpers).run(order);
    } catch (RefusedException e) {
      throw new CommandFailure(
          String.valueOf(e.getMessage()), e.whatToDo(), CommandFailure.OTHER, e);
    }
  }

  private static void checkOptions(Invocation call) throws CommandFailure {
    long jobs = call.number("jobs").orElse(1);
    if (jobs < 1 || jobs > Reproduction.MOST_JOBS) {
      throw new CommandFailure(
          "--jobs must be from 1 to " + Reproduction.MOST_JOBS,
          "see: repro --help",
          CommandFailure.USAGE);
    }
  }
}
