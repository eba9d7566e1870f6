package io.revfs.text;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.common.FlowStyle;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;

/**
 * A YAML file whose top is a map, changed in place: what is not changed stays as it was written,
 * with its comments, its order and its style; what is new is in the style of DVC's files. Values
 * are maps, lists, texts, numbers, booleans and null. Not thread-safe.
 */
public final class YamlDocument {
  private String text;

  private YamlDocument(String text) {
    this.text = text;
  }

  /** Returns a value as a new document in the style of DVC's files. */
  public static String write(@Nullable Object value) {
    return YamlWriter.document(value);
  }

  /**
   * Reads a text.
   *
   * @throws YamlSyntaxException if it is not YAML
   */
  public static YamlDocument parse(String text) throws YamlSyntaxException {
    YamlDocument document = new YamlDocument(text);
    var unused = YamlNodes.compose(text);
    return document;
  }

  private Optional<MappingNode> root() {
    return node()
        .filter(node -> node instanceof MappingNode)
        .map(node -> (MappingNode) node)
        .filter(map -> map.getFlowStyle() == FlowStyle.BLOCK && !map.getValue().isEmpty());
  }

  private Optional<Node> node() {
    try {
      return YamlNodes.compose(text).filter(node -> !YamlNodes.isNull(node));
    } catch (YamlSyntaxException e) {
      throw new IllegalStateException(e); // it was parsed, and edits are checked
    }
  }

  /** Returns the document's value, a copy that may be changed; an empty map for an empty one. */
  @SuppressWarnings("unchecked") // keys are made texts when the value is made
  public Map<String, @Nullable Object> value() {
    Object value = node().map(YamlNodes::value).orElse(null);
    return value instanceof Map<?, ?> map
        ? (Map<String, @Nullable Object>) map
        : new LinkedHashMap<>();
  }

  /**
   * Makes the document have this value. Keys that stay keep their place, new ones come last; lists
   * are compared item by item.
   */
  public void apply(Map<String, ? extends @Nullable Object> wanted) {
    Optional<Node> node = node();
    if (node.isEmpty()) {
      text = text + (text.isEmpty() || text.endsWith("\n") ? "" : "\n") + write(wanted);
      return;
    }
    YamlEdits edits = new YamlEdits(text);
    edits.root(node.get(), wanted);
    adopt(edits.result(), wanted);
  }

  /**
   * Sets the value of a key, all of it anew, in the order that the value has. Maps on the way are
   * made where they are not there.
   */
  public void put(List<String> path, @Nullable Object value) {
    Map<String, @Nullable Object> wanted = value();
    place(wanted, path, value);
    Optional<MappingNode> map = mapAt(path.subList(0, path.size() - 1));
    if (map.isEmpty()) {
      apply(wanted);
      return;
    }
    YamlEdits edits = new YamlEdits(text);
    edits.put(map.get(), path.getLast(), value);
    adopt(edits.result(), wanted);
  }

  /** Takes a key out; nothing happens if it is not there. */
  public void remove(List<String> path) {
    Optional<MappingNode> map = mapAt(path.subList(0, path.size() - 1));
    if (map.isEmpty() || entry(map.get(), path.getLast()).isEmpty()) {
      return;
    }
    Map<String, @Nullable Object> wanted = value();
    if (mapIn(wanted, path) instanceof Map<?, ?> last) {
      last.remove(path.getLast());
    }
    if (map.get().getValue().size() == 1) {
      apply(wanted);
      return;
    }
    YamlEdits edits = new YamlEdits(text);
    edits.remove(map.get(), path.getLast());
    adopt(edits.result(), wanted);
  }

  /** Takes an edited text if it says what it should; else all is written anew. */
  private void adopt(String edited, Map<String, ? extends @Nullable Object> wanted) {
    try {
      Optional<Node> node = YamlNodes.compose(edited);
      if (node.isPresent() ? YamlNodes.isEqual(node.get(), wanted) : wanted.isEmpty()) {
        text = edited;
        return;
      }
    } catch (YamlSyntaxException e) {
      // Anchors, tags and other rarities, which an edit can cut in two.
    }
    text = write(wanted);
  }

  private Optional<MappingNode> mapAt(List<String> path) {
    Optional<MappingNode> map = root();
    for (String key : path) {
      map =
          map.flatMap(m -> entry(m, key))
              .map(NodeTuple::getValueNode)
              .filter(node -> node instanceof MappingNode)
              .map(node -> (MappingNode) node)
              .filter(m -> m.getFlowStyle() == FlowStyle.BLOCK && !m.getValue().isEmpty());
    }
    return map;
  }

  private static Optional<NodeTuple> entry(MappingNode map, String key) {
    return map.getValue().stream()
        .filter(entry -> YamlNodes.key(entry.getKeyNode()).equals(key))
        .findFirst();
  }

  private static @Nullable Object mapIn(Map<?, ?> top, List<String> path) {
    Object at = top;
    for (String key : path.subList(0, path.size() - 1)) {
      at = at instanceof Map<?, ?> map ? map.get(key) : null;
    }
    return at;
  }

  @SuppressWarnings("unchecked") // maps of value() have texts as keys
  private static void place(
      Map<String, @Nullable Object> top, List<String> path, @Nullable Object value) {
    Map<String, @Nullable Object> at = top;
    for (String key : path.subList(0, path.size() - 1)) {
      Object next = at.get(key);
      if (!(next instanceof Map<?, ?>)) {
        next = new LinkedHashMap<String, @Nullable Object>();
        at.put(key, next);
      }
      at = (Map<String, @Nullable Object>) next;
    }
    at.put(path.getLast(), value);
  }

  @Override
  public String toString() {
    return text;
  }
}
