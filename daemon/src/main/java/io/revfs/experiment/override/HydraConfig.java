package io.revfs.experiment.override;

import io.revfs.metric.ValueFiles;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Parameters composed as Hydra composes them: a configuration with a list of defaults, each a file
 * of a group that lies in a directory of the group's name. For one composition.
 */
public final class HydraConfig {
  private static final Pattern PACKAGE = Pattern.compile("#\\s*@package\\s+(\\S+)\\s*");
  private static final String SELF = "_self_";
  private static final String HYDRA = "hydra";
  private static final String GLOBAL = "_global_";

  private final Path directory;
  private final Map<String, ParamOverride> choices = new LinkedHashMap<>();
  private final Map<String, ParamOverride> added = new LinkedHashMap<>();
  private final List<ParamOverride> values = new ArrayList<>();
  private final List<String> used = new ArrayList<>();
  private final Map<String, @Nullable Object> result = new LinkedHashMap<>();

  private HydraConfig(Path directory, List<ParamOverride> overrides) {
    this.directory = directory;
    for (ParamOverride override : overrides) {
      String group = group(override.key());
      boolean isGroup = Files.isDirectory(directory.resolve(group));
      if (!isGroup) {
        values.add(override);
      } else if (override.kind() == ParamOverride.Kind.ADD
          || override.kind() == ParamOverride.Kind.FORCE_ADD) {
        added.put(group, override);
      } else {
        choices.put(group, override);
      }
    }
  }

  private static String group(String key) {
    int at = key.indexOf('@');
    return at < 0 ? key : key.substring(0, at);
  }

  /**
   * Composes.
   *
   * @param directory of the configurations
   * @param name of the one to begin with, without its ending
   * @param overrides of groups ({@code db=mysql}, {@code +db=mysql}, {@code ~db}) and of values
   * @param file the name of the file that is written, whose ending says the format
   * @return its new content
   * @throws OverrideException if a file or a value that is named is not there
   */
  public static byte[] compose(Path directory, String name, List<String> overrides, String file)
      throws IOException {
    if (!Files.isDirectory(directory)) {
      throw new OverrideException(
          "the directory of Hydra's configurations '%s' does not exist".formatted(directory),
          "make it, or set hydra.config_dir");
    }
    HydraConfig config = new HydraConfig(directory, Overrides.parse(overrides));
    config.add("", name.replaceFirst("\\.yaml$", ""), "", false);
    for (ParamOverride more : config.added.values()) {
      String group = group(more.key());
      config.addGroup(group, more.single(), packageOf(more.key(), group), false);
    }
    config.checkUsed();
    config.result.remove(HYDRA); // is of Hydra itself, and no part of what it composes
    ParamTree tree = new ParamTree(config.result);
    for (ParamOverride override : config.values) {
      tree.apply(override);
    }
    Map<String, @Nullable Object> resolved = new Interpolations(tree).resolved();
    return ParamFile.write(file, "", resolved).getBytes(StandardCharsets.UTF_8);
  }

  private void checkUsed() throws OverrideException {
    for (Map.Entry<String, ParamOverride> choice : choices.entrySet()) {
      if (!used.contains(choice.getKey())) {
        throw new OverrideException(
            "Could not override '%s'. No match in the defaults list.".formatted(choice.getKey()),
            "to add it: +" + choice.getValue().text());
      }
    }
  }

  private static String packageOf(String key, String otherwise) {
    int at = key.indexOf('@');
    return at < 0 ? otherwise.replace('/', '.') : key.substring(at + 1);
  }

  /** Adds a configuration and, in their places, those of its defaults. */
  private void add(String group, String name, String place, boolean optional) throws IOException {
    Path file = directory.resolve(group).resolve(name + ".yaml");
    if (!Files.isRegularFile(file)) {
      if (optional) {
        return;
      }
      throw new OverrideException(
          "there is no configuration '%s'".formatted(directory.relativize(file)),
          "see what there is in " + directory.resolve(group));
    }
    String text = Files.readString(file);
    Map<String, @Nullable Object> content =
        ValueFiles.parameters(
            directory.getFileName() + "/" + directory.relativize(file),
            text.getBytes(StandardCharsets.UTF_8));
    String at = place(text, group, place);
    Object defaults = content.remove("defaults");
    boolean itself = false;
    List<?> list = defaults instanceof List<?> some ? some : List.of();
    note(list, group);
    for (Object one : list) {
      if (SELF.equals(one)) {
        put(at, content);
        itself = true;
      } else {
        addDefault(one, group, at);
      }
    }
    if (!itself) {
      put(at, content); // what a configuration says itself counts more than its defaults
    }
  }

  /** The first line may say where a configuration goes. */
  private static String place(String text, String group, String place) {
    for (String line : text.lines().limit(10).toList()) {
      Matcher matcher = PACKAGE.matcher(line);
      if (matcher.matches()) {
        String named = matcher.group(1);
        return switch (named) {
          case GLOBAL -> "";
          case "_group_" -> group.replace('/', '.');
          default -> named;
        };
      }
    }
    return place;
  }

  /** {@code override group: name} in a list of defaults changes another's choice. */
  private void note(List<?> defaults, String group) {
    for (Object one : defaults) {
      if (one instanceof Map<?, ?> map && map.size() == 1) {
        Map.Entry<?, ?> entry = map.entrySet().iterator().next();
        String key = String.valueOf(entry.getKey());
        if (key.startsWith("override ")) {
          String named = absolute(key.substring("override ".length()).strip(), group);
          if (isHydras(named)) {
            continue;
          }
          choices.putIfAbsent(
              group(named),
              new ParamOverride(
                  named,
                  ParamOverride.Kind.CHANGE,
                  named,
                  java.util.Optional.of(new ParamOverride.Value.Single(entry.getValue()))));
        }
      }
    }
  }

  /** Hydra's own groups: how it logs, sweeps and launches. */
  private static boolean isHydras(String group) {
    return group.equals(HYDRA) || group.startsWith(HYDRA + "/");
  }

  private static String absolute(String named, String group) {
    if (named.startsWith("/")) {
      return named.substring(1);
    }
    return group.isEmpty() ? named : group + "/" + named;
  }

  private void addDefault(@Nullable Object one, String group, String place) throws IOException {
    if (one instanceof String name) {
      String other = name.startsWith("/") ? name.substring(1) : name;
      String in = name.startsWith("/") ? "" : group;
      int slash = other.lastIndexOf('/');
      if (slash > 0) {
        in = in.isEmpty() ? other.substring(0, slash) : in + "/" + other.substring(0, slash);
        other = other.substring(slash + 1);
      }
      add(in, other, place, false);
      return;
    }
    if (!(one instanceof Map<?, ?> map) || map.size() != 1) {
      throw new OverrideException(
          "the list of defaults has an entry that is neither a name nor one group",
          "write '- group: name'");
    }
    Map.Entry<?, ?> entry = map.entrySet().iterator().next();
    String key = String.valueOf(entry.getKey());
    if (key.startsWith("override ")) {
      return;
    }
    boolean optional = key.startsWith("optional ");
    String named = absolute(optional ? key.substring("optional ".length()).strip() : key, group);
    if (isHydras(named)) {
      return;
    }
    String in = group(named);
    used.add(in);
    ParamOverride choice = choices.get(in);
    if (choice != null && choice.kind() == ParamOverride.Kind.DELETE) {
      return;
    }
    Object name = choice == null ? entry.getValue() : choice.single();
    String plain = key.replaceFirst("^(optional )?/?", "");
    addGroup(in, name, below(place, packageOf(plain, group(plain)), key), optional);
  }

  private static String below(String place, String named, String key) {
    boolean absolute = key.replaceFirst("^optional ", "").startsWith("/");
    if (named.equals(GLOBAL)) {
      return "";
    }
    if (named.startsWith(GLOBAL + ".")) {
      return named.substring(GLOBAL.length() + 1);
    }
    return place.isEmpty() || absolute ? named : place + "." + named;
  }

  private void addGroup(String group, @Nullable Object name, String place, boolean optional)
      throws IOException {
    switch (name) {
      case null -> {}
      case List<?> several -> {
        for (Object one : several) {
          add(group, String.valueOf(one), place, optional);
        }
      }
      default -> add(group, String.valueOf(name).replaceFirst("\\.yaml$", ""), place, optional);
    }
  }

  private void put(String place, Map<String, @Nullable Object> content) throws IOException {
    Map<String, @Nullable Object> wrapped = content;
    if (!place.isEmpty()) {
      List<String> path = ParamTree.path(place);
      for (String part : path.reversed()) {
        Map<String, @Nullable Object> outer = new LinkedHashMap<>();
        outer.put(part, wrapped);
        wrapped = outer;
      }
    }
    ParamTree.merge(result, wrapped);
  }
}
