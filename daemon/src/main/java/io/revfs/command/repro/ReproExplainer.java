package io.revfs.command.repro;

import io.revfs.command.Invocation;
import io.revfs.command.explain.Explanation;
import io.revfs.command.explain.Explanations;
import io.revfs.command.explain.StageChanges;
import io.revfs.command.record.Recorder;
import io.revfs.command.record.StageRecorder;
import io.revfs.command.record.StoreStates;
import io.revfs.command.tracking.DepStatuses;
import io.revfs.command.tracking.Session;
import io.revfs.command.tracking.StageExplainer;
import io.revfs.stage.Stage;
import io.revfs.stage.StageGraph;
import io.revfs.stage.StageId;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Says what {@code repro} would do with stages, and why. Thread-safe. */
public final class ReproExplainer implements StageExplainer {
  private final DepStatuses sources;
  private final StoreStates stores;

  /** As {@link ReproCommand}. */
  public ReproExplainer(DepStatuses sources, StoreStates stores) {
    this.sources = sources;
    this.stores = stores;
  }

  @Override
  public void explain(Session session, List<Stage> stages) throws IOException {
    StageGraph graph = session.index().graph();
    Set<StageId> wanted = new HashSet<>();
    stages.forEach(stage -> wanted.add(stage.id()));
    List<Stage> sorted =
        graph.withNeeds(stages.stream().map(Stage::id).toList()).stream()
            .filter(wanted::contains)
            .map(graph::stage)
            .toList();
    explainInOrder(session, sorted);
  }

  /** Explains stages, each of which comes after those it needs. */
  void explainInOrder(Session session, List<Stage> stages) throws IOException {
    Invocation call = session.call();
    StageChanges changes = new StageChanges(session, sources);
    StageRecorder recorder =
        new StageRecorder(session, new Recorder(session, false, false), stores);
    StageRestore restore = new StageRestore(session, recorder, changes, StageRestore.Fetch.NOTHING);
    boolean history = !call.flag("no-run-cache");
    List<Explanation> explanations =
        new Explanations(
                session,
                changes,
                (stage, asRecorded) -> restore.outputs(stage, history, asRecorded),
                call.flag("force"),
                call.flag("allow-missing"))
            .of(session.index().graph(), stages);
    call.result(explanations.stream().map(Explanation::json).toList());
    List<String> lines = new ArrayList<>();
    explanations.forEach(explanation -> lines.addAll(explanation.lines()));
    if (!lines.isEmpty()) {
      call.out(String.join("\n", lines));
    }
  }
}
