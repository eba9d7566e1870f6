package io.revfs.text;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.common.FlowStyle;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;

/**
 * The places of a YAML text that must change for it to have another value. Everything between them
 * stays as it is: comments, blank lines, the order of keys. Indexes are in code points. Not
 * thread-safe.
 */
final class YamlEdits {
  private final int[] text;
  private final List<Edit> edits = new ArrayList<>();

  private record Edit(int start, int end, String replacement) {}

  YamlEdits(String text) {
    this.text = text.codePoints().toArray();
  }

  /** Makes a node's text one of another value. */
  void root(Node node, Map<?, ?> value) {
    if (!change(node, value)) {
      int start = start(node);
      edits.add(new Edit(start, contentEnd(node, start), stripped(YamlWriter.document(value))));
    }
  }

  private static String stripped(String text) {
    return text.endsWith("\n") ? text.substring(0, text.length() - 1) : text;
  }

  /** Replaces or adds one entry of a map as a whole. */
  void put(MappingNode map, String key, @Nullable Object value) {
    for (NodeTuple entry : map.getValue()) {
      if (YamlNodes.key(entry.getKeyNode()).equals(key)) {
        replaceValue(map, entry, value);
        return;
      }
    }
    Map<String, @Nullable Object> one = new LinkedHashMap<>();
    one.put(key, value);
    addEntries(map, one);
  }

  /** Takes an entry of a map out; at least one other must stay. */
  void remove(MappingNode map, String key) {
    Map<String, @Nullable Object> rest = new LinkedHashMap<>();
    for (NodeTuple entry : map.getValue()) {
      rest.put(YamlNodes.key(entry.getKeyNode()), YamlNodes.value(entry.getValueNode()));
    }
    rest.remove(key);
    removeEntries(map, rest);
  }

  /** Returns the text with all changes made. */
  String result() {
    edits.sort(Comparator.comparingInt(Edit::start).thenComparingInt(Edit::end));
    StringBuilder out = new StringBuilder();
    int at = 0;
    for (Edit edit : edits) {
      append(out, at, edit.start());
      out.append(edit.replacement());
      at = edit.end();
    }
    append(out, at, text.length);
    return out.toString();
  }

  private void append(StringBuilder out, int start, int end) {
    for (int i = start; i < end; i++) {
      out.appendCodePoint(text[i]);
    }
  }

  /** Changes a node in place; returns false if it must be replaced as a whole. */
  private boolean change(Node node, @Nullable Object value) {
    if (YamlNodes.isEqual(node, value)) {
      return true;
    }
    if (node instanceof MappingNode map
        && map.getFlowStyle() == FlowStyle.BLOCK
        && value instanceof Map<?, ?> wanted) {
      return changeMap(map, wanted);
    }
    if (node instanceof SequenceNode list
        && list.getFlowStyle() == FlowStyle.BLOCK
        && value instanceof List<?> wanted) {
      return changeList(list, wanted);
    }
    return false;
  }

  private boolean changeMap(MappingNode map, Map<?, ?> wanted) {
    boolean anyStays =
        map.getValue().stream()
            .anyMatch(entry -> wanted.containsKey(YamlNodes.key(entry.getKeyNode())));
    if (!anyStays) {
      return false;
    }
    Map<Object, @Nullable Object> fresh = new LinkedHashMap<>(wanted);
    for (NodeTuple entry : map.getValue()) {
      String key = YamlNodes.key(entry.getKeyNode());
      if (wanted.containsKey(key)) {
        fresh.remove(key);
        Object value = wanted.get(key);
        if (isAlias(entry) || !change(entry.getValueNode(), value)) {
          replaceValue(map, entry, value);
        }
      }
    }
    removeEntries(map, wanted);
    if (!fresh.isEmpty()) {
      addEntries(map, fresh);
    }
    return true;
  }

  private boolean isAlias(NodeTuple entry) {
    int after = colon(entry) + 1;
    Node value = entry.getValueNode();
    return start(value) < after && !(YamlNodes.isNull(value) && contentOf(value).isEmpty());
  }

  private static String contentOf(Node node) {
    return node instanceof ScalarNode scalar ? scalar.getValue() : "-";
  }

  private void replaceValue(MappingNode map, NodeTuple entry, @Nullable Object value) {
    if (YamlNodes.isSame(entry.getValueNode(), value)) {
      return;
    }
    int start = colon(entry) + 1;
    String fresh = YamlWriter.afterKey(value, columnOf(start), keyColumn(map));
    replace(start, valueEnd(entry), fresh);
  }

  /** A comment behind what is replaced stays in its column where there is room. */
  private void replace(int start, int end, String fresh) {
    int comment = end;
    while (comment < text.length && text[comment] == ' ') {
      comment++;
    }
    boolean hasComment = comment > end && comment < text.length && text[comment] == '#';
    if (!hasComment || fresh.contains("\n")) {
      edits.add(new Edit(start, end, fresh));
      return;
    }
    int length = fresh.codePointCount(0, fresh.length());
    int gap = Math.max(1, columnOf(comment) - columnOf(start) - length);
    edits.add(new Edit(start, comment, fresh + " ".repeat(gap)));
  }

  private void addEntries(MappingNode map, Map<?, ?> fresh) {
    NodeTuple last = map.getValue().getLast();
    insertAfter(valueEnd(last), YamlWriter.entries(fresh, keyColumn(map)));
  }

  /** Inserts whole lines after the line that holds an index. */
  private void insertAfter(int index, String lines) {
    int end = lineEnd(index);
    if (end < text.length) {
      edits.add(new Edit(end + 1, end + 1, lines));
    } else {
      edits.add(new Edit(end, end, "\n" + lines));
    }
  }

  private void removeEntries(MappingNode map, Map<?, ?> wanted) {
    List<NodeTuple> entries = map.getValue();
    for (int i = 0; i < entries.size(); i++) {
      if (wanted.containsKey(YamlNodes.key(entries.get(i).getKeyNode()))) {
        continue;
      }
      int start = start(entries.get(i).getKeyNode());
      int end = lineEnd(valueEnd(entries.get(i)));
      int line = lineStart(start);
      if (isBlank(line, start)) {
        edits.add(new Edit(line, Math.min(end + 1, text.length), ""));
        continue;
      }
      // The first of an item of a list: what follows the dash. The next one that stays takes its
      // place, with the comments before it on lines of their own.
      int next = i + 1;
      while (!wanted.containsKey(YamlNodes.key(entries.get(next).getKeyNode()))) {
        next++;
      }
      int nextStart = start(entries.get(next).getKeyNode());
      int lastEnd = lineEnd(valueEnd(entries.get(next - 1)));
      if (isBlank(lastEnd, nextStart)) {
        edits.add(new Edit(start, nextStart, ""));
      } else {
        edits.add(new Edit(start - 1, lastEnd, ""));
      }
      i = next - 1;
    }
  }

  private boolean changeList(SequenceNode list, List<?> wanted) {
    List<Node> items = list.getValue();
    if (wanted.isEmpty() || items.stream().anyMatch(item -> dash(item) < 0)) {
      return false;
    }
    int indent = columnOf(dash(items.getFirst()));
    int common = Math.min(items.size(), wanted.size());
    for (int i = 0; i < common; i++) {
      if (!change(items.get(i), wanted.get(i))) {
        int start = dash(items.get(i)) + 1;
        String fresh = " " + YamlWriter.afterDash(wanted.get(i), indent);
        replace(start, Math.max(start, contentEnd(items.get(i), start)), fresh);
      }
    }
    for (int i = common; i < items.size(); i++) {
      int dash = dash(items.get(i));
      int end = lineEnd(Math.max(dash + 1, contentEnd(items.get(i), dash + 1)));
      edits.add(new Edit(lineStart(dash), Math.min(end + 1, text.length), ""));
    }
    if (wanted.size() > common) {
      Node last = items.getLast();
      int end = Math.max(dash(last) + 1, contentEnd(last, dash(last) + 1));
      insertAfter(end, YamlWriter.items(wanted.subList(common, wanted.size()), indent));
    }
    return true;
  }

  /** Returns the index of the dash before an item; -1 if it is not before it (an alias). */
  private int dash(Node item) {
    int at = start(item) - 1;
    while (at >= 0 && (text[at] == ' ' || text[at] == '\n')) {
      at--;
    }
    if (at >= 0 && text[at] == '-') {
      return at;
    }
    return start(item) < text.length && text[start(item)] == '-' && YamlNodes.isNull(item)
        ? start(item)
        : -1;
  }

  private int keyColumn(MappingNode map) {
    return columnOf(start(map.getValue().getFirst().getKeyNode()));
  }

  /** Returns the index of the colon after a key. */
  private int colon(NodeTuple entry) {
    int at = end(entry.getKeyNode());
    while (at < text.length && text[at] != ':') {
      at++;
    }
    return at;
  }

  private int valueEnd(NodeTuple entry) {
    int after = colon(entry) + 1;
    if (isAlias(entry)) {
      int at = after;
      while (at < text.length && text[at] == ' ') {
        at++;
      }
      while (at < text.length && text[at] != ' ' && text[at] != '\n') {
        at++;
      }
      return at;
    }
    return Math.max(after, contentEnd(entry.getValueNode(), after));
  }

  /** Returns where a node's own text ends; marks of the parser go on to the next token. */
  private int contentEnd(Node node, int start) {
    if (node instanceof MappingNode map
        && map.getFlowStyle() == FlowStyle.BLOCK
        && !map.getValue().isEmpty()) {
      return valueEnd(map.getValue().getLast());
    }
    if (node instanceof SequenceNode list
        && list.getFlowStyle() == FlowStyle.BLOCK
        && !list.getValue().isEmpty()) {
      Node last = list.getValue().getLast();
      int dash = dash(last);
      return dash < 0 ? trimmed(end(last), start) : Math.max(dash + 1, contentEnd(last, dash + 1));
    }
    if (node instanceof ScalarNode scalar
        && scalar.getValue().isEmpty()
        && end(node) == start(node)) {
      return start;
    }
    return trimmed(end(node), start);
  }

  private int trimmed(int end, int start) {
    int at = Math.min(end, text.length);
    while (at > start && (text[at - 1] == '\n' || text[at - 1] == ' ')) {
      at--;
    }
    return at;
  }

  private static int start(Node node) {
    return node.getStartMark().orElseThrow().getIndex();
  }

  private static int end(Node node) {
    return node.getEndMark().orElseThrow().getIndex();
  }

  private int lineStart(int index) {
    int at = index;
    while (at > 0 && text[at - 1] != '\n') {
      at--;
    }
    return at;
  }

  private int lineEnd(int index) {
    int at = index;
    while (at < text.length && text[at] != '\n') {
      at++;
    }
    return at;
  }

  private int columnOf(int index) {
    return index - lineStart(index);
  }

  private boolean isBlank(int start, int end) {
    for (int i = start; i < end; i++) {
      if (text[i] != ' ' && text[i] != '\n') {
        return false;
      }
    }
    return true;
  }
}
