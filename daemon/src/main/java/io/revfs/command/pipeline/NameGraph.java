package io.revfs.command.pipeline;

import io.revfs.stage.Dep;
import io.revfs.stage.Out;
import io.revfs.stage.ParamsDep;
import io.revfs.stage.Place;
import io.revfs.stage.Stage;
import io.revfs.stage.StageGraph;
import io.revfs.stage.StageId;
import io.revfs.stage.StageIndex;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A graph of names for showing, of stages or of outputs. An edge goes from what is made first to
 * what needs it.
 *
 * @param edges for each node those that need it
 */
record NameGraph(Map<String, Set<String>> edges) {

  static NameGraph ofStages(StageIndex index, String from) throws IOException {
    StageGraph graph = index.graph();
    Map<String, Set<String>> edges = new LinkedHashMap<>();
    for (Stage stage : graph.stages()) {
      Set<String> to = new LinkedHashSet<>();
      for (StageId needing : graph.neededBy(stage.id())) {
        to.add(needing.addressing(from));
      }
      edges.put(stage.id().addressing(from), to);
    }
    return new NameGraph(edges);
  }

  static NameGraph ofOutputs(StageIndex index, String from) throws IOException {
    index.graph(); // which checks that outputs do not overlap
    Map<String, Set<String>> edges = new LinkedHashMap<>();
    for (Out out : index.outs()) {
      edges.put(out.place().shown(from), new LinkedHashSet<>());
    }
    for (Stage stage : index.stages()) {
      if (stage.isRepositoryImport()) {
        continue;
      }
      List<Place> needed = new ArrayList<>();
      stage.deps().stream().map(Dep::place).forEach(needed::add);
      stage.params().stream().map(ParamsDep::place).forEach(needed::add);
      for (Place place : needed) {
        Set<Out> makers = new LinkedHashSet<>(index.outsBelow(place.path()));
        index.outContaining(place.path()).ifPresent(makers::add);
        for (Out maker : makers) {
          stage
              .outs()
              .forEach(
                  out ->
                      edges
                          .computeIfAbsent(maker.place().shown(from), n -> new LinkedHashSet<>())
                          .add(out.place().shown(from)));
        }
      }
    }
    return new NameGraph(edges);
  }

  /** Returns the part that some nodes need, or with {@code full} all that is connected to them. */
  NameGraph around(Collection<String> nodes, boolean full) {
    Map<String, Set<String>> needs = reversed();
    Set<String> kept = reach(nodes, List.of(needs));
    if (full) {
      kept = reach(nodes, List.of(needs, edges));
    }
    return only(kept);
  }

  private NameGraph only(Set<String> kept) {
    Map<String, Set<String>> rest = new LinkedHashMap<>();
    edges.forEach(
        (node, to) -> {
          if (kept.contains(node)) {
            Set<String> keptTo = new LinkedHashSet<>(to);
            keptTo.retainAll(kept);
            rest.put(node, keptTo);
          }
        });
    return new NameGraph(rest);
  }

  private Map<String, Set<String>> reversed() {
    Map<String, Set<String>> reversed = new LinkedHashMap<>();
    edges.keySet().forEach(node -> reversed.put(node, new LinkedHashSet<>()));
    edges.forEach(
        (node, to) ->
            to.forEach(t -> reversed.computeIfAbsent(t, n -> new LinkedHashSet<>()).add(node)));
    return reversed;
  }

  private static Set<String> reach(
      Collection<String> from, List<Map<String, Set<String>>> directions) {
    Set<String> seen = new LinkedHashSet<>(from);
    Deque<String> open = new ArrayDeque<>(seen);
    while (!open.isEmpty()) {
      String at = open.pop();
      for (Map<String, Set<String>> edges : directions) {
        for (String next : edges.getOrDefault(at, Set.of())) {
          if (seen.add(next)) {
            open.push(next);
          }
        }
      }
    }
    return seen;
  }

  /** Returns the graph with the stages of a loop as one node. */
  NameGraph collapsed() {
    Map<String, Set<String>> edgesOfGroups = new LinkedHashMap<>();
    edges.forEach(
        (node, to) -> {
          Set<String> groups =
              edgesOfGroups.computeIfAbsent(group(node), n -> new LinkedHashSet<>());
          to.forEach(t -> groups.add(group(t)));
        });
    return new NameGraph(edgesOfGroups);
  }

  private static String group(String node) {
    int at = node.indexOf('@');
    return at < 0 || node.endsWith(".dvc") ? node : node.substring(0, at);
  }

  /** Returns the parts that are not connected with each other, in the order of their nodes. */
  List<NameGraph> parts() {
    List<NameGraph> parts = new ArrayList<>();
    Map<String, Set<String>> needs = reversed();
    Set<String> seen = new LinkedHashSet<>();
    for (String node : edges.keySet()) {
      if (!seen.contains(node)) {
        Set<String> part = reach(List.of(node), List.of(needs, edges));
        seen.addAll(part);
        parts.add(only(part));
      }
    }
    return parts;
  }

  /** Returns the graph in the language of Graphviz. */
  List<String> dot() {
    List<String> lines = new ArrayList<>(List.of("strict digraph  {"));
    edges.keySet().forEach(node -> lines.add(quoted(node) + ";"));
    edges.forEach(
        (node, to) -> to.forEach(t -> lines.add(quoted(node) + " -> " + quoted(t) + ";")));
    lines.add("}");
    lines.add("");
    return lines;
  }

  private static String quoted(String node) {
    return '"' + node.replace("\"", "\\\"") + '"';
  }

  /** Returns the graph in the language of Mermaid. */
  List<String> mermaid() {
    List<String> lines = new ArrayList<>(List.of("flowchart TD"));
    int count = 0;
    for (NameGraph part : parts()) {
      Map<String, String> ids = new LinkedHashMap<>();
      for (String node : part.edges().keySet().stream().sorted().toList()) {
        count++;
        ids.put(node, "node" + count);
        lines.add("\tnode" + count + "[\"" + node.replace("\"", "#quot;") + "\"]");
      }
      for (String node : ids.keySet()) {
        part.edges().getOrDefault(node, Set.of()).stream()
            .sorted()
            .forEach(to -> lines.add("\t" + ids.get(node) + "-->" + ids.get(to)));
      }
    }
    return lines;
  }
}
