package io.revfs.command.pipeline;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Draws a graph with characters: boxes in layers, each below all that it needs, and lines of stars
 * between them.
 */
final class GraphDrawing {
  private static final int BOX_HEIGHT = 3;
  private static final int GAP_HEIGHT = 3;
  private static final int GAP_WIDTH = 4;
  private static final int SWEEPS = 4;

  private final NameGraph graph;
  private final Map<String, Integer> layers = new LinkedHashMap<>();
  private final Map<String, Integer> middles = new HashMap<>();

  private GraphDrawing(NameGraph graph) {
    this.graph = graph;
  }

  static List<String> of(NameGraph graph) {
    GraphDrawing drawing = new GraphDrawing(graph);
    drawing.layer();
    drawing.place();
    return drawing.draw();
  }

  /** A node is one below the lowest that it needs. */
  private void layer() {
    graph.edges().keySet().forEach(node -> layers.put(node, 0));
    boolean moved = true;
    while (moved) {
      moved = false;
      for (Map.Entry<String, Set<String>> node : graph.edges().entrySet()) {
        for (String to : node.getValue()) {
          if (layerOf(to) <= layerOf(node.getKey())) {
            layers.put(to, layerOf(node.getKey()) + 1);
            moved = true;
          }
        }
      }
    }
  }

  private static int width(String node) {
    return node.length() + 4;
  }

  private List<List<String>> byLayer() {
    List<List<String>> rows = new ArrayList<>();
    layers.forEach(
        (node, layer) -> {
          while (rows.size() <= layer) {
            rows.add(new ArrayList<>());
          }
          rows.get(layer).add(node);
        });
    return rows;
  }

  /** Rows are sorted by where their neighbours are, some times, and then centred. */
  private void place() {
    List<List<String>> rows = byLayer();
    Map<String, List<String>> neighbours = new HashMap<>();
    graph
        .edges()
        .forEach(
            (node, to) ->
                to.forEach(
                    t -> {
                      neighbours.computeIfAbsent(node, n -> new ArrayList<>()).add(t);
                      neighbours.computeIfAbsent(t, n -> new ArrayList<>()).add(node);
                    }));
    int widest = rows.stream().mapToInt(GraphDrawing::width).max().orElse(0);
    rows.forEach(row -> centre(row, widest));
    for (int sweep = 0; sweep < SWEEPS; sweep++) {
      for (List<String> row : rows) {
        Map<String, Double> wanted = new HashMap<>();
        for (String node : row) {
          List<String> near = neighbours.getOrDefault(node, List.of());
          wanted.put(node, near.stream().mapToInt(this::middle).average().orElse(middle(node)));
        }
        row.sort(java.util.Comparator.comparing(wanted::get));
        centre(row, widest);
      }
    }
  }

  private static int width(List<String> row) {
    return row.stream().mapToInt(GraphDrawing::width).sum() + GAP_WIDTH * (row.size() - 1);
  }

  private void centre(List<String> row, int widest) {
    int at = (widest - width(row)) / 2;
    for (String node : row) {
      middles.put(node, at + width(node) / 2);
      at += width(node) + GAP_WIDTH;
    }
  }

  private int layerOf(String node) {
    return java.util.Objects.requireNonNull(layers.get(node));
  }

  private int middle(String node) {
    return java.util.Objects.requireNonNull(middles.get(node));
  }

  private int top(String node) {
    return layerOf(node) * (BOX_HEIGHT + GAP_HEIGHT);
  }

  private List<String> draw() {
    int height =
        layers.values().stream().mapToInt(Integer::intValue).max().orElse(0)
                * (BOX_HEIGHT + GAP_HEIGHT)
            + BOX_HEIGHT;
    int columns =
        middles.entrySet().stream().mapToInt(e -> e.getValue() + width(e.getKey())).max().orElse(1);
    char[][] canvas = new char[height][columns + 1];
    for (char[] line : canvas) {
      Arrays.fill(line, ' ');
    }
    graph.edges().forEach((node, to) -> to.forEach(t -> line(canvas, node, t)));
    layers.keySet().forEach(node -> box(canvas, node));
    return Arrays.stream(canvas).map(line -> new String(line).stripTrailing()).toList();
  }

  private void line(char[][] canvas, String from, String to) {
    int startX = middle(from);
    int startY = top(from) + BOX_HEIGHT;
    int endX = middle(to);
    int endY = top(to) - 1;
    int steps = Math.max(Math.abs(endX - startX), endY - startY);
    for (int i = 0; i <= steps; i++) {
      int x = startX + Math.round((float) (endX - startX) * i / Math.max(1, steps));
      int y = startY + Math.round((float) (endY - startY) * i / Math.max(1, steps));
      canvas[y][x] = '*';
    }
  }

  private void box(char[][] canvas, String node) {
    int left = middle(node) - width(node) / 2;
    String rule = "+" + "-".repeat(width(node) - 2) + "+";
    put(canvas, top(node), left, rule);
    put(canvas, top(node) + 1, left, "| " + node + " |");
    put(canvas, top(node) + 2, left, rule);
  }

  private static void put(char[][] canvas, int y, int x, String text) {
    text.getChars(0, text.length(), canvas[y], x);
  }
}
