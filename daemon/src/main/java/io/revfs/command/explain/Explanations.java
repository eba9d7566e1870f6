package io.revfs.command.explain;

import io.revfs.command.tracking.Session;
import io.revfs.object.ObjectKey;
import io.revfs.stage.Dep;
import io.revfs.stage.Out;
import io.revfs.stage.Stage;
import io.revfs.stage.StageGraph;
import io.revfs.stage.StageId;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Says what {@code repro} would do, without doing anything. A stage that may get other inputs than
 * there are now, since a stage before it would run, cannot be decided: it may run. For one thread.
 */
public final class Explanations {
  private final Session session;
  private final StageChanges changes;
  private final Earlier earlier;
  private final boolean force;
  private final boolean allowMissing;
  private final Map<StageId, Explanation.Decision> decisions = new HashMap<>();

  /** What will be at an output's path, by path; only of stages that would be restored. */
  private final Map<String, ObjectKey> restored = new HashMap<>();

  /** Finds what a stage made with the same inputs before. */
  @FunctionalInterface
  public interface Earlier {
    /**
     * Returns the objects by path from the root; empty if the stage has to run.
     *
     * @param asRecorded whether its inputs are, or will be, as they are recorded
     */
    Optional<Map<String, ObjectKey>> outputs(Stage stage, boolean asRecorded) throws IOException;
  }

  /**
   * @param force whether all run whatever is recorded
   * @param allowMissing whether data that is only missing counts as unchanged
   */
  public Explanations(
      Session session, StageChanges changes, Earlier earlier, boolean force, boolean allowMissing) {
    this.session = session;
    this.changes = changes;
    this.earlier = earlier;
    this.force = force;
    this.allowMissing = allowMissing;
  }

  /** Explains stages, each of which comes after those it needs. */
  public List<Explanation> of(StageGraph graph, List<Stage> stages) throws IOException {
    List<Explanation> all = new ArrayList<>();
    for (Stage stage : stages) {
      List<Stage> upstream =
          stage.frozen() ? List.of() : graph.needs(stage.id()).stream().map(graph::stage).toList();
      Explanation explanation = explain(stage, upstream);
      decisions.put(stage.id(), explanation.decision());
      all.add(explanation);
    }
    return all;
  }

  private Explanation explain(Stage stage, List<Stage> upstream) throws IOException {
    List<Reason> reasons = new ArrayList<>();
    if (force) {
      reasons.add(new Reason(Reason.Kind.FORCED, "", null, null, "it was asked for by --force"));
    }
    List<Dep> pending =
        stage.deps().stream().filter(dep -> !makers(dep, upstream).isEmpty()).toList();
    reasons.addAll(changes.reasons(stage, allowMissing, upstream, dep -> !pending.contains(dep)));
    List<Reason> open = new ArrayList<>();
    for (Dep dep : pending) {
      pending(dep, makers(dep, upstream), reasons, open);
    }
    if (!stage.frozen()) {
      undeclared(stage, open);
    }
    boolean hasCommand = stage.command().isPresent() && !stage.frozen();
    Explanation.Decision decision;
    if (reasons.isEmpty()) {
      decision = open.isEmpty() ? Explanation.Decision.UP_TO_DATE : Explanation.Decision.MAY_RUN;
    } else if (!hasCommand) {
      decision = Explanation.Decision.RECORDED;
    } else {
      decision = Explanation.Decision.RUNS;
      boolean asRecorded = open.isEmpty() && reasons.stream().allMatch(Explanations::isOfOutput);
      if ((pending.isEmpty() || asRecorded) && !force) {
        Optional<Map<String, ObjectKey>> outputs = earlier.outputs(stage, asRecorded);
        if (outputs.isPresent()) {
          decision = Explanation.Decision.RESTORED;
          restored.putAll(outputs.get());
        }
      }
    }
    reasons.addAll(open);
    return new Explanation(stage.id().addressing(session.from()), decision, reasons);
  }

  private static boolean isOfOutput(Reason reason) {
    return reason.kind() == Reason.Kind.OUTPUT || reason.kind() == Reason.Kind.FILE;
  }

  /** What it reads without saying so, and another stage may make anew. */
  private void undeclared(Stage stage, List<Reason> open) throws IOException {
    for (Map.Entry<String, StageId> made : changes.recorded().made(stage).entrySet()) {
      if (acts(made.getValue())) {
        Path place = session.project().root().resolve(made.getKey());
        String from = made.getValue().addressing(session.from());
        open.add(
            new Reason(
                Reason.Kind.UPSTREAM,
                session.shown(place),
                null,
                null,
                "read undeclared; comes from %s, and may become other than it was"
                    .formatted(from)));
      }
    }
  }

  private boolean acts(StageId stage) {
    Explanation.Decision decision = decisions.getOrDefault(stage, Explanation.Decision.UP_TO_DATE);
    return decision != Explanation.Decision.UP_TO_DATE && decision != Explanation.Decision.RECORDED;
  }

  /** Returns the stages that would run, or be restored, and make a dependency or a part of it. */
  private List<Stage> makers(Dep dep, List<Stage> upstream) {
    List<Stage> makers = new ArrayList<>();
    for (Stage stage : upstream) {
      if (acts(stage.id()) && stage.outs().stream().anyMatch(out -> overlap(out, dep))) {
        makers.add(stage);
      }
    }
    return makers;
  }

  private static boolean overlap(Out out, Dep dep) {
    String path = out.path();
    return path.equals(dep.path())
        || dep.path().isEmpty()
        || path.startsWith(dep.path() + "/")
        || dep.path().startsWith(path + "/");
  }

  /** What is known of a dependency that is not made yet. */
  private void pending(Dep dep, List<Stage> makers, List<Reason> reasons, List<Reason> open) {
    String shown = dep.place().shown(session.from());
    ObjectKey will = restored.get(dep.path());
    if (will != null) {
      if (!Optional.of(will).equals(dep.key())) {
        reasons.add(
            new Reason(
                Reason.Kind.DEPENDENCY,
                shown,
                dep.key().map(ObjectKey::name).orElse(null),
                will.name(),
                "will be restored"));
      }
      return;
    }
    String names =
        String.join(", ", makers.stream().map(m -> m.id().addressing(session.from())).toList());
    open.add(
        new Reason(
            Reason.Kind.UPSTREAM,
            shown,
            dep.key().map(ObjectKey::name).orElse(null),
            null,
            "comes from %s, and may become other than it was".formatted(names)));
  }
}
