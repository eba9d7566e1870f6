package io.revfs.command.repro;

import io.revfs.command.CommandFailure;
import io.revfs.command.Invocation;
import io.revfs.command.explain.RecordedInputs;
import io.revfs.command.tracking.Session;
import io.revfs.stage.Stage;
import io.revfs.stage.StageGraph;
import io.revfs.stage.StageId;
import io.revfs.stage.StageLoader;
import io.revfs.stage.target.Target;
import io.revfs.stage.target.Targets;
import io.revfs.stage.target.UnknownTargetException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Which stages a call of {@code repro} means, each after those it needs. A frozen stage needs
 * nobody. For one thread.
 */
final class ReproOrder {
  private final StageGraph graph;
  private final Map<StageId, Set<StageId>> needs;
  private final Map<StageId, Set<StageId>> neededBy;
  private final List<Stage> stages;

  private ReproOrder(StageGraph graph, RecordedInputs recorded, List<Stage> stages)
      throws IOException {
    this.graph = graph;
    this.needs = new LinkedHashMap<>();
    this.neededBy = new LinkedHashMap<>();
    this.stages = stages;
    for (Stage stage : graph.stages()) {
      needs.put(stage.id(), stage.frozen() ? Set.of() : graph.needs(stage.id()));
    }
    for (Stage stage : graph.stages()) {
      addRecorded(stage, recorded);
    }
    needs.forEach(
        (stage, needed) ->
            needed.forEach(
                id -> neededBy.computeIfAbsent(id, i -> new LinkedHashSet<>()).add(stage)));
  }

  /** The same edges, other stages. */
  private ReproOrder(ReproOrder other, List<Stage> stages) {
    this.graph = other.graph;
    this.needs = other.needs;
    this.neededBy = other.neededBy;
    this.stages = stages;
  }

  /** What makes a file that a stage read without saying so comes before it, if that can be. */
  private void addRecorded(Stage stage, RecordedInputs recorded) throws IOException {
    for (StageId maker : stage.frozen() ? Set.<StageId>of() : makers(stage, recorded)) {
      Set<StageId> known = needs.getOrDefault(stage.id(), Set.of());
      boolean needless = known.contains(maker) || !needs.containsKey(maker);
      if (!needless && !reached(List.of(maker), needs).contains(stage.id())) {
        Set<StageId> more = new LinkedHashSet<>(known);
        more.add(maker);
        needs.put(stage.id(), more);
      }
    }
  }

  private static Set<StageId> makers(Stage stage, RecordedInputs recorded) throws IOException {
    return new LinkedHashSet<>(recorded.made(stage).values());
  }

  /** Returns the order of a call; {@code recorded} knows what stages read without saying so. */
  static ReproOrder of(Session session, RecordedInputs recorded) throws IOException {
    Invocation call = session.call();
    boolean all = call.flag("all-pipelines");
    boolean pipeline = call.flag("pipeline");
    List<Stage> named = all ? List.of() : named(session);
    boolean single = call.flag("single-item") && !all && !pipeline;
    ReproOrder order = new ReproOrder(session.index().graph(), recorded, named);
    List<StageId> ids = named.stream().map(Stage::id).toList();
    if (single) {
      return order;
    }
    Collection<StageId> found = ids;
    if (all || ids.isEmpty()) {
      found = order.graph.stages().stream().map(Stage::id).toList();
    } else if (pipeline) {
      found = order.graph.pipelines(ids);
    } else if (call.flag("downstream")) {
      found = order.reached(ids, order.neededBy);
      return order.with(order.sorted(found));
    }
    return order.with(order.sorted(order.reached(found, order.needs)));
  }

  private ReproOrder with(List<StageId> ids) {
    return new ReproOrder(this, ids.stream().map(graph::stage).toList());
  }

  private static List<Stage> named(Session session) throws IOException {
    Invocation call = session.call();
    List<String> targets = call.values("targets");
    if (targets.isEmpty()) {
      targets = List.of(StageLoader.PIPELINE_FILE);
    }
    Map<StageId, Stage> stages = new LinkedHashMap<>();
    try {
      for (String target : targets) {
        if (call.flag("glob")) {
          session.targets().stages(target, true).forEach(one -> stages.put(one.id(), one));
          continue;
        }
        Targets.Options options = new Targets.Options(false, call.flag("recursive"));
        for (Target found : session.targets().resolve(target, options)) {
          stages.put(found.stage().id(), found.stage());
        }
      }
    } catch (UnknownTargetException e) {
      throw new CommandFailure(
          String.valueOf(e.getMessage()), "see: dvc stage list --all", CommandFailure.OTHER, e);
    }
    return List.copyOf(stages.values());
  }

  private Set<StageId> reached(Collection<StageId> from, Map<StageId, Set<StageId>> edges) {
    Set<StageId> reached = new LinkedHashSet<>(from);
    List<StageId> open = new ArrayList<>(from);
    while (!open.isEmpty()) {
      for (StageId next : edges.getOrDefault(open.removeLast(), Set.of())) {
        if (reached.add(next)) {
          open.add(next);
        }
      }
    }
    return reached;
  }

  /** Sorts stages so that each comes after those it needs, as near to their order as that lets. */
  private List<StageId> sorted(Collection<StageId> ids) {
    Set<StageId> wanted = new HashSet<>(ids);
    Set<StageId> done = new LinkedHashSet<>();
    for (StageId start : ids) {
      List<StageId> path = new ArrayList<>(List.of(start));
      while (!path.isEmpty()) {
        StageId at = path.getLast();
        StageId next =
            needs.getOrDefault(at, Set.of()).stream()
                .filter(id -> wanted.contains(id) && !done.contains(id))
                .findFirst()
                .orElse(null);
        if (done.contains(at) || next == null) {
          done.add(at);
          path.removeLast();
        } else {
          path.add(next);
        }
      }
    }
    return List.copyOf(done);
  }

  /** Returns the stages in their order. */
  List<Stage> stages() {
    return stages;
  }

  /** Returns the stages whose outputs a stage needs. */
  List<Stage> upstream(Stage stage) {
    return needs.getOrDefault(stage.id(), Set.of()).stream().map(graph::stage).toList();
  }

  /** Returns the stages that need a stage's outputs, and not through others. */
  Set<StageId> downstream(Stage stage) {
    return neededBy.getOrDefault(stage.id(), Set.of());
  }

  /** Returns all stages that need a stage's outputs, also through others. */
  Set<StageId> dependents(Stage stage) {
    Set<StageId> dependents = reached(List.of(stage.id()), neededBy);
    dependents.remove(stage.id());
    return dependents;
  }
}
