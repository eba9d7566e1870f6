package io.revfs.stage;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * Who needs whose outputs. A stage needs another if one of its dependencies is an output of it, is
 * in one, or has one inside. Immutable.
 */
public final class StageGraph {
  private final Map<StageId, Stage> stages = new LinkedHashMap<>();
  private final Map<StageId, Set<StageId>> needs = new LinkedHashMap<>();
  private final Map<StageId, Set<StageId>> neededBy = new HashMap<>();

  private StageGraph(StageIndex index) {
    for (Stage stage : index.stages()) {
      stages.put(stage.id(), stage);
      needs.put(stage.id(), new LinkedHashSet<>());
      neededBy.put(stage.id(), new LinkedHashSet<>());
    }
  }

  /** Makes the graph of all stages. */
  static StageGraph of(StageIndex index) throws StageGraphException {
    NavigableMap<String, Out> outs = outputs(index);
    for (Stage stage : index.stages()) {
      Optional<Out> around = prefixes(outs, stage.id().file()).stream().findFirst();
      if (around.isPresent()) {
        throw new StageGraphException(
            "stage: '%s' is within an output '%s' of another stage"
                .formatted(stage.id(), around.get().path()));
      }
    }
    StageGraph graph = new StageGraph(index);
    for (Stage stage : index.stages()) {
      if (stage.isRepositoryImport()) {
        continue;
      }
      for (Dep dep : stage.deps()) {
        graph.connect(stage, dep.place(), outs);
      }
      for (ParamsDep params : stage.params()) {
        graph.connect(stage, params.place(), outs);
      }
    }
    graph.checkAcyclic();
    return graph;
  }

  /** Returns all outputs by path, of which none is in another. */
  static NavigableMap<String, Out> outputs(StageIndex index) throws StageGraphException {
    TreeMap<String, Out> outs = new TreeMap<>();
    for (Stage stage : index.stages()) {
      for (Out out : stage.outs()) {
        Out same = outs.put(out.path(), out);
        if (same != null) {
          throw duplicate(out, same);
        }
        List<Out> below = below(outs, out.path());
        List<Out> around = prefixes(outs, out.path());
        around.remove(out);
        if (!below.isEmpty()) {
          throw overlap(out, below.getFirst());
        }
        if (!around.isEmpty()) {
          throw overlap(around.getFirst(), out);
        }
      }
    }
    return outs;
  }

  private static StageGraphException duplicate(Out out, Out same) {
    if (out.owner().equals(same.owner())) {
      return new StageGraphException("file '" + out.path() + "' is specified more than once.");
    }
    return new StageGraphException(
        "output '%s' is specified in:\n\t- %s\n\t- %s\nUse `dvc remove` with any of the above targets to stop tracking the overlapping output."
            .formatted(out.path(), same.owner(), out.owner()));
  }

  private static StageGraphException overlap(Out parent, Out inner) {
    return new StageGraphException(
        """
        The output paths:
        '%s'('%s')
        '%s'('%s')
        overlap and are thus in the same tracked directory.
        To keep reproducibility, outputs should be in separate tracked directories or tracked \
        individually.\
        """
            .formatted(parent.path(), parent.owner(), inner.path(), inner.owner()));
  }

  private static List<Out> below(NavigableMap<String, Out> outs, String path) {
    return new ArrayList<>(outs.subMap(path + "/", path + "0").values()); // '0' follows '/'
  }

  /** Returns outputs at a path and around it, the outermost first. */
  private static List<Out> prefixes(NavigableMap<String, Out> outs, String path) {
    List<Out> found = new ArrayList<>();
    for (int slash = path.indexOf('/', 1); ; slash = path.indexOf('/', slash + 1)) {
      Out out = outs.get(slash < 0 ? path : path.substring(0, slash));
      if (out != null) {
        found.add(out);
      }
      if (slash < 0) {
        return found;
      }
    }
  }

  private void connect(Stage stage, Place place, NavigableMap<String, Out> outs) {
    if (!place.isLocal()) {
      Out same = outs.get(place.path());
      if (same != null) {
        connect(stage.id(), same.owner());
      }
      return;
    }
    if (place.path().isEmpty()) {
      outs.values().stream()
          .filter(out -> out.place().isInProject())
          .forEach(out -> connect(stage.id(), out.owner()));
      return;
    }
    prefixes(outs, place.path()).forEach(out -> connect(stage.id(), out.owner()));
    below(outs, place.path()).forEach(out -> connect(stage.id(), out.owner()));
  }

  private void connect(StageId from, StageId to) {
    set(needs, from).add(to);
    set(neededBy, to).add(from);
  }

  private static Set<StageId> set(Map<StageId, Set<StageId>> edges, StageId id) {
    return edges.computeIfAbsent(id, i -> new LinkedHashSet<>());
  }

  private void checkAcyclic() throws StageGraphException {
    Set<StageId> done = new HashSet<>();
    for (StageId start : stages.keySet()) {
      LinkedHashSet<StageId> path = new LinkedHashSet<>();
      Deque<java.util.Iterator<StageId>> stack = new ArrayDeque<>();
      if (!done.contains(start)) {
        path.add(start);
        stack.push(set(needs, start).iterator());
      }
      while (!stack.isEmpty()) {
        if (!stack.peek().hasNext()) {
          stack.pop();
          done.add(path.removeLast());
          continue;
        }
        StageId next = stack.peek().next();
        if (path.contains(next)) {
          List<StageId> cycle = new ArrayList<>(path);
          throw cyclic(cycle.subList(cycle.indexOf(next), cycle.size()));
        }
        if (!done.contains(next)) {
          path.add(next);
          stack.push(set(needs, next).iterator());
        }
      }
    }
  }

  private static StageGraphException cyclic(List<StageId> cycle) {
    String names = String.join(", ", cycle.stream().map(StageId::toString).toList());
    return new StageGraphException(
        "Same item(s) are defined as both a dependency and an output in %s: %s."
            .formatted(cycle.size() == 1 ? "stage" : "stages", names));
  }

  /** Returns all stages. */
  public Collection<Stage> stages() {
    return stages.values();
  }

  /** Returns a stage of this graph. */
  public Stage stage(StageId id) {
    return java.util.Objects.requireNonNull(stages.get(id));
  }

  /** Returns the stages whose outputs a stage needs. */
  public Set<StageId> needs(StageId id) {
    return java.util.Collections.unmodifiableSet(needs.getOrDefault(id, Set.of()));
  }

  /** Returns the stages that need a stage's outputs. */
  public Set<StageId> neededBy(StageId id) {
    return java.util.Collections.unmodifiableSet(neededBy.getOrDefault(id, Set.of()));
  }

  /** Returns these stages and all they need, each after what it needs. */
  public List<StageId> withNeeds(Collection<StageId> from) {
    return postorder(from, needs);
  }

  /** Returns all stages connected with these, by whatever way, each after what it needs. */
  public List<StageId> pipelines(Collection<StageId> from) {
    Set<StageId> seen = new LinkedHashSet<>(from);
    Deque<StageId> open = new ArrayDeque<>(seen);
    while (!open.isEmpty()) {
      StageId at = open.pop();
      for (Map<StageId, Set<StageId>> edges : List.of(needs, neededBy)) {
        for (StageId next : edges.getOrDefault(at, Set.of())) {
          if (seen.add(next)) {
            open.push(next);
          }
        }
      }
    }
    return postorder(stages.keySet().stream().filter(seen::contains).toList(), needs);
  }

  private static List<StageId> postorder(
      Collection<StageId> from, Map<StageId, Set<StageId>> edges) {
    LinkedHashSet<StageId> done = new LinkedHashSet<>();
    Set<StageId> begun = new HashSet<>();
    for (StageId start : from) {
      Deque<StageId> path = new ArrayDeque<>();
      Deque<java.util.Iterator<StageId>> stack = new ArrayDeque<>();
      if (begun.add(start)) {
        path.push(start);
        stack.push(edges.getOrDefault(start, Set.of()).iterator());
      }
      while (!stack.isEmpty()) {
        if (!stack.peek().hasNext()) {
          stack.pop();
          done.add(path.pop());
          continue;
        }
        StageId next = stack.peek().next();
        if (begun.add(next)) {
          path.push(next);
          stack.push(edges.getOrDefault(next, Set.of()).iterator());
        }
      }
    }
    return List.copyOf(done);
  }
}
