package io.revfs.dvc;

import java.io.ByteArrayInputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;
import org.snakeyaml.engine.v2.nodes.Tag;
import org.snakeyaml.engine.v2.schema.CoreSchema;

/**
 * A map of a YAML 1.2 document, read key by key with errors that name file and line. Works on the
 * composed nodes, in which an alias is a reference: a document of a million aliases costs nothing.
 */
public final class YamlMap {
  private static final int MAX_CODE_POINTS = 256 << 20;
  private static final int MAX_ALIASES = 1_000_000;

  private final String file;
  private final int line;
  private final Map<String, Node> entries = new LinkedHashMap<>();

  private YamlMap(String file, Node node) throws DvcFormatException {
    this.file = file;
    this.line = lineOf(node);
    if (!(node instanceof MappingNode mapping)) {
      throw new DvcFormatException(file, line, "a map is expected here");
    }
    for (NodeTuple entry : mapping.getValue()) {
      if (!(entry.getKeyNode() instanceof ScalarNode key)) {
        throw new DvcFormatException(file, lineOf(entry.getKeyNode()), "a key must be text");
      }
      if (entries.put(key.getValue(), entry.getValueNode()) != null) {
        throw new DvcFormatException(
            file, lineOf(key), "the key '" + key.getValue() + "' is there twice");
      }
    }
  }

  /** Parses a document that is a map; an empty document is an empty map. */
  public static YamlMap parse(String file, byte[] content) throws DvcFormatException {
    Optional<Node> root = compose(file, content);
    return new YamlMap(file, root.orElseGet(YamlMap::emptyMap));
  }

  private static Node emptyMap() {
    return new MappingNode(
        Tag.MAP,
        true,
        List.of(),
        org.snakeyaml.engine.v2.common.FlowStyle.BLOCK,
        Optional.empty(),
        Optional.empty());
  }

  /** Parses a document of any kind; empty if there is none (or only {@code null}). */
  public static Optional<Node> compose(String file, byte[] content) throws DvcFormatException {
    checkText(file, content);
    LoadSettings settings =
        LoadSettings.builder()
            .setLabel(file)
            .setSchema(new CoreSchema())
            .setCodePointLimit(MAX_CODE_POINTS)
            .setMaxAliasesForCollections(MAX_ALIASES) // what they make is counted in YamlValues
            .setAllowDuplicateKeys(true) // checked here, to name the key
            .build();
    try {
      return new Compose(settings)
          .composeInputStream(new ByteArrayInputStream(content))
          .filter(node -> !isNull(node));
    } catch (MarkedYamlEngineException e) {
      int line = e.getProblemMark().map(mark -> mark.getLine() + 1).orElse(0);
      throw new DvcFormatException(file, line, "not YAML: " + e.getProblem());
    } catch (YamlEngineException | StackOverflowError | IndexOutOfBoundsException e) {
      throw new DvcFormatException(file, 0, "not YAML: " + firstLine(e));
    }
  }

  private static String firstLine(Throwable e) {
    String message = e.getMessage();
    return message == null ? "nested too deeply" : message.lines().findFirst().orElse("");
  }

  private static void checkText(String file, byte[] content) throws DvcFormatException {
    try {
      StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(content));
    } catch (CharacterCodingException e) {
      throw new DvcFormatException(file, 0, "not UTF-8 text");
    }
    int line = 1;
    for (int i = 0; i < content.length; i++) {
      if (content[i] == '\n') {
        line++;
      } else if (content[i] == '<'
          && (i == 0 || content[i - 1] == '\n')
          && startsWith(content, i, "<<<<<<< ")) {
        throw new DvcFormatException(file, line, "an unresolved merge conflict");
      }
    }
  }

  private static boolean startsWith(byte[] content, int at, String text) {
    return content.length - at >= text.length()
        && new String(content, at, text.length(), StandardCharsets.US_ASCII).equals(text);
  }

  /** Returns the line a node begins in, from 1; 0 if unknown. */
  public static int lineOf(Node node) {
    return node.getStartMark().map(mark -> mark.getLine() + 1).orElse(0);
  }

  /** Returns whether a node is null. */
  public static boolean isNull(Node node) {
    return node.getTag().equals(Tag.NULL);
  }

  /** Returns the name for messages. */
  public String file() {
    return file;
  }

  /** Returns the line the map begins in, from 1. */
  public int line() {
    return line;
  }

  /** Returns the line of a key's value; the map's if there is none. */
  public int line(String key) {
    Node node = entries.get(key);
    return node == null ? line : lineOf(node);
  }

  /** Returns the keys in the order written. */
  public Set<String> keys() {
    return entries.keySet();
  }

  /** Returns the value of a key, absent also when it is null. */
  public Optional<Node> node(String key) {
    return Optional.ofNullable(entries.get(key)).filter(node -> !isNull(node));
  }

  /** Returns a scalar's text, whatever type it would have: a hash of digits is text. */
  public Optional<String> text(String key) throws DvcFormatException {
    Optional<Node> node = node(key);
    return node.isEmpty() ? Optional.empty() : Optional.of(text(file, node.get(), key));
  }

  /** Returns a scalar's text, or fails if there is none. */
  public String requiredText(String key) throws DvcFormatException {
    Optional<String> text = text(key);
    if (text.isEmpty()) {
      throw new DvcFormatException(file, line, "'" + key + "' is missing");
    }
    return text.get();
  }

  /** Returns a scalar node's text. */
  public static String text(String file, Node node, String what) throws DvcFormatException {
    if (node instanceof ScalarNode scalar) {
      return scalar.getValue();
    }
    throw new DvcFormatException(file, lineOf(node), "'" + what + "' must be text");
  }

  /** Returns a boolean. */
  public boolean flag(String key, boolean otherwise) throws DvcFormatException {
    Optional<Node> node = node(key);
    if (node.isEmpty()) {
      return otherwise;
    }
    if (node.get() instanceof ScalarNode scalar && scalar.getTag().equals(Tag.BOOL)) {
      return scalar.getValue().equalsIgnoreCase("true");
    }
    throw new DvcFormatException(file, line(key), "'" + key + "' must be true or false");
  }

  /** Returns a number that is not negative. */
  public OptionalLong size(String key) throws DvcFormatException {
    Optional<String> text = text(key);
    if (text.isEmpty()) {
      return OptionalLong.empty();
    }
    try {
      long value = Long.parseLong(text.get());
      if (value >= 0) {
        return OptionalLong.of(value);
      }
    } catch (NumberFormatException e) {
      // Said below.
    }
    throw new DvcFormatException(file, line(key), "'" + key + "' must be a whole number");
  }

  /** Returns the map under a key. */
  public Optional<YamlMap> map(String key) throws DvcFormatException {
    Optional<Node> node = node(key);
    return node.isEmpty() ? Optional.empty() : Optional.of(new YamlMap(file, node.get()));
  }

  /** Returns the whole map as plain values, but for some keys. */
  public Map<String, @Nullable Object> values(String... without) throws DvcFormatException {
    Map<String, @Nullable Object> values = new LinkedHashMap<>();
    for (Map.Entry<String, Node> entry : entries.entrySet()) {
      if (!List.of(without).contains(entry.getKey())) {
        values.put(entry.getKey(), YamlValues.of(file, entry.getValue()));
      }
    }
    return values;
  }

  /** Returns the items of a list; none if the key is absent. */
  public List<Node> list(String key) throws DvcFormatException {
    Optional<Node> node = node(key);
    if (node.isEmpty()) {
      return List.of();
    }
    if (node.get() instanceof SequenceNode sequence) {
      return sequence.getValue();
    }
    throw new DvcFormatException(file, line(key), "'" + key + "' must be a list");
  }

  /** Returns the items of a list of maps. */
  public List<YamlMap> maps(String key) throws DvcFormatException {
    List<YamlMap> maps = new ArrayList<>();
    for (Node node : list(key)) {
      maps.add(new YamlMap(file, node));
    }
    return maps;
  }

  /** Reads a node as a map. */
  public static YamlMap of(String file, Node node) throws DvcFormatException {
    return new YamlMap(file, node);
  }
}
