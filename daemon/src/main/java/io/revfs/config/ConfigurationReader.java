package io.revfs.config;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
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

/**
 * A mapping of the configuration, read key by key; what nobody asked for by {@link #end} is wrong.
 */
final class ConfigurationReader {
  private final String file;
  private final String path;
  private final int line;
  private final Map<String, Node> values = new LinkedHashMap<>();
  private final Map<String, Integer> lines = new LinkedHashMap<>();
  private final Set<String> known = new TreeSet<>();
  private final Map<String, ConfigurationReader> sections = new LinkedHashMap<>();
  private final List<ConfigurationReader> items = new ArrayList<>();

  private ConfigurationReader(String file, String path, @Nullable Node node)
      throws ConfigurationException {
    this.file = file;
    this.path = path;
    this.line = node == null ? 0 : lineOf(node);
    if (node == null || isNull(node)) {
      return;
    }
    if (!(node instanceof MappingNode mapping)) {
      throw new ConfigurationException(
          file, line, shown(path) + " is not a mapping of keys to values");
    }
    for (NodeTuple tuple : mapping.getValue()) {
      if (!(tuple.getKeyNode() instanceof ScalarNode key)) {
        throw new ConfigurationException(file, lineOf(tuple.getKeyNode()), "a key must be a word");
      }
      if (values.put(key.getValue(), tuple.getValueNode()) != null) {
        throw new ConfigurationException(
            file, lineOf(key), "'" + path + key.getValue() + "' is there twice");
      }
      lines.put(key.getValue(), lineOf(key));
    }
  }

  private static String shown(String path) {
    return path.isEmpty() ? "the file" : path.substring(0, path.length() - 1);
  }

  static ConfigurationReader of(String file, String text) throws ConfigurationException {
    Optional<Node> root;
    try {
      root =
          new Compose(LoadSettings.builder().setLabel(file).setUseMarks(true).build())
              .composeString(text);
    } catch (MarkedYamlEngineException e) {
      int at = e.getProblemMark().map(mark -> mark.getLine() + 1).orElse(0);
      throw new ConfigurationException(file, at, "not YAML: " + e.getProblem());
    } catch (YamlEngineException e) {
      throw new ConfigurationException(file, 0, "not YAML: " + e.getMessage());
    }
    return new ConfigurationReader(file, "", root.orElse(null));
  }

  private static int lineOf(Node node) {
    return node.getStartMark().map(mark -> mark.getLine() + 1).orElse(0);
  }

  private static boolean isNull(Node node) {
    return node instanceof ScalarNode scalar
        && (scalar.getValue().isEmpty() || scalar.getValue().equals("null"))
        && scalar.isPlain();
  }

  ConfigurationReader section(String name) throws ConfigurationException {
    known.add(name);
    ConfigurationReader section = sections.get(name);
    if (section == null) {
      section = new ConfigurationReader(file, path + name + ".", values.get(name));
      sections.put(name, section);
    }
    return section;
  }

  List<ConfigurationReader> list(String name) throws ConfigurationException {
    known.add(name);
    Node node = values.get(name);
    if (node == null || isNull(node)) {
      return List.of();
    }
    if (!(node instanceof SequenceNode sequence)) {
      throw wrong(name, "is not a list");
    }
    List<ConfigurationReader> list = new ArrayList<>();
    for (Node item : sequence.getValue()) {
      list.add(new ConfigurationReader(file, path + name + ".", item));
      for (String required : List.of("repository", "directory")) {
        if (list.getLast().value(required).isEmpty()) {
          throw new ConfigurationException(
              file, lineOf(item), path + name + " needs a '" + required + "'");
        }
      }
    }
    items.addAll(list);
    return list;
  }

  private Optional<String> value(String name) throws ConfigurationException {
    known.add(name);
    Node node = values.get(name);
    if (node == null || isNull(node)) {
      return Optional.empty();
    }
    if (!(node instanceof ScalarNode scalar)) {
      throw wrong(name, "is not a single value");
    }
    return Optional.of(scalar.getValue());
  }

  /** Returns whether a key is there. */
  boolean has(String name) {
    return values.containsKey(name);
  }

  private <T> T read(String name, T otherwise, Function<String, T> parse)
      throws ConfigurationException {
    Optional<String> value = value(name);
    if (value.isEmpty()) {
      return otherwise;
    }
    try {
      return parse.apply(value.get());
    } catch (IllegalArgumentException e) {
      throw wrong(name, String.valueOf(e.getMessage()));
    }
  }

  long bytes(String name, long otherwise) throws ConfigurationException {
    return read(name, otherwise, Units::bytes);
  }

  Duration duration(String name, Duration otherwise) throws ConfigurationException {
    return read(name, otherwise, Units::duration);
  }

  /** Returns a duration that is more than nothing: as a time-out, 0 would mean to wait for ever. */
  Duration timeout(String name, Duration otherwise) throws ConfigurationException {
    Duration found = duration(name, otherwise);
    if (found.isZero()) {
      throw wrong(name, "must be more than 0");
    }
    return found;
  }

  int number(String name, int otherwise, int least, int most) throws ConfigurationException {
    return read(
        name,
        otherwise,
        text -> {
          if (!text.matches("\\d{1,9}")
              || Integer.parseInt(text) < least
              || Integer.parseInt(text) > most) {
            throw new IllegalArgumentException(
                "'" + text + "' is not a number from " + least + " to " + most);
          }
          return Integer.parseInt(text);
        });
  }

  Path path(String name, Path otherwise) throws ConfigurationException {
    return read(
        name,
        otherwise,
        text -> {
          Path found = Path.of(fromHome(text));
          if (!found.isAbsolute()) {
            throw new IllegalArgumentException("'" + text + "' is not an absolute path");
          }
          return found;
        });
  }

  private static String fromHome(String text) {
    return text.startsWith("~/") ? System.getProperty("user.home") + text.substring(1) : text;
  }

  /** Returns where a repository is: an absolute path, or a URL as it stands there. */
  String repository(String name) throws ConfigurationException {
    return read(
        name,
        "",
        text -> {
          String found = fromHome(text);
          if (!found.startsWith("/") && !found.contains(":")) {
            throw new IllegalArgumentException("'" + text + "' is neither absolute nor a URL");
          }
          return found;
        });
  }

  <E extends Enum<E>> E choice(String name, Class<E> type, E otherwise)
      throws ConfigurationException {
    return read(
        name,
        otherwise,
        text -> {
          List<String> words = new ArrayList<>();
          for (E constant : type.getEnumConstants()) {
            String word = constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
            if (word.equals(text)) {
              return constant;
            }
            words.add(word);
          }
          throw new IllegalArgumentException(
              "'" + text + "' is none of " + String.join(", ", words));
        });
  }

  ConfigurationException wrong(String name, String problem) {
    return new ConfigurationException(
        file, lines.getOrDefault(name, line), path + name + ": " + problem);
  }

  /** Refuses keys that nothing asked for. */
  void end() throws ConfigurationException {
    for (String key : values.keySet()) {
      if (!known.contains(key)) {
        throw new ConfigurationException(
            file,
            lines.getOrDefault(key, line),
            "'" + path + key + "' is not known here; known are " + String.join(", ", known));
      }
    }
    for (ConfigurationReader section : sections.values()) {
      section.end();
    }
    for (ConfigurationReader item : items) {
      item.end();
    }
  }
}
