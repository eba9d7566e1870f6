package io.revfs.command.repro;

import io.revfs.command.Command;
import io.revfs.command.CommandFailure;
import io.revfs.command.Invocation;
import io.revfs.command.explain.StageChanges;
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
  private final StoreStates stores;
  private final Pulls pulls;
  private final StageTracing tracing;

  /** Brings what a stage lacks. */
  @FunctionalInterface
  public interface Pulls {
    /** Fetches and checks out the outputs that targets name; false if not all could be had. */
    boolean pull(Session session, List<Stage> stages) throws IOException;
  }

  /**
   * @param sources says how dependencies differ that are no files
   * @param stores says what they are
   * @param tracing records what stages do
   */
  public ReproCommand(
      Workspaces workspaces,
      DepStatuses sources,
      StoreStates stores,
      Pulls pulls,
      StageTracing tracing) {
    this.workspaces = workspaces;
    this.sources = sources;
    this.stores = stores;
    this.pulls = pulls;
    this.tracing = tracing;
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
      StageChanges changes = new StageChanges(session, sources);
      ReproOrder order = ReproOrder.of(session);
      if (call.flag("explain") && call.flag("dry")) {
        new ReproExplainer(sources, stores).explainInOrder(session, order.stages());
        return;
      }
      if (Reproduction.isQueued(call)) {
        for (Stage stage : order.stages()) {
          var unused = StageResources.of(stage, stage.id().addressing(session.from()));
        }
      }
      new Reproduction(session, hold, changes, stores, pulls, tracing).run(order);
    } catch (RefusedException e) {
      throw new CommandFailure(
          String.valueOf(e.getMessage()), e.whatToDo(), CommandFailure.OTHER, e);
    }
  }

  private static void checkOptions(Invocation call) throws CommandFailure {
    if (Reproduction.isQueued(call) && (call.flag("record") || call.flag("fix"))) {
      throw new CommandFailure(
          "stages that run through Slurm cannot be recorded",
          "leave out --executor, or --record and --fix",
          CommandFailure.USAGE);
    }
    long jobs = call.number("jobs").orElse(1);
    if (jobs < 1 || jobs > Reproduction.MOST_JOBS) {
      throw new CommandFailure(
          "--jobs must be from 1 to " + Reproduction.MOST_JOBS,
          "see: repro --help",
          CommandFailure.USAGE);
    }
  }
}
