package io.revfs.command.config;

import io.revfs.command.CommandFailure;
import io.revfs.command.Invocation;
import io.revfs.project.ConfigEdit;
import io.revfs.project.ConfigFiles;
import io.revfs.project.ConfigLevel;
import io.revfs.project.ConfigPaths;
import io.revfs.project.Project;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** The levels of the configuration that a call is about. */
final class Levels {
  private final Invocation call;
  private final ConfigFiles files;
  private final Optional<Path> root;
  private final Optional<ConfigLevel> given;

  private Levels(
      Invocation call, ConfigFiles files, Optional<Path> root, Optional<ConfigLevel> given) {
    this.call = call;
    this.files = files;
    this.root = root;
    this.given = given;
  }

  static Levels of(Invocation call) throws IOException {
    List<ConfigLevel> given = new ArrayList<>();
    for (ConfigLevel level : ConfigLevel.values()) {
      if (call.flag(level.name().toLowerCase(Locale.ROOT))) {
        given.add(level);
      }
    }
    if (given.size() > 1) {
      throw new CommandFailure(
          "only one of --global, --system, --project and --local can be given",
          "see --help",
          CommandFailure.USAGE);
    }
    Optional<Path> root = Project.findRoot(call.directory());
    ConfigFiles files = new ConfigFiles(call.environment(), root.map(r -> r.resolve(".dvc")));
    return new Levels(call, files, root, given.stream().findFirst());
  }

  /** Returns the level that was given. */
  Optional<ConfigLevel> given() {
    return given;
  }

  /** Opens the level that was given, or the project's. */
  ConfigEdit edit() throws IOException {
    return edit(given.orElse(ConfigLevel.PROJECT));
  }

  ConfigEdit edit(ConfigLevel level) throws IOException {
    return ConfigEdit.open(files, level);
  }

  /** Returns the levels to read, the strongest last. */
  List<ConfigLevel> read() {
    if (given.isPresent()) {
      return List.of(given.get());
    }
    List<ConfigLevel> levels = new ArrayList<>();
    for (ConfigLevel level : ConfigLevel.values()) {
      if (files.file(level).isPresent()) {
        levels.add(level);
      }
    }
    return levels;
  }

  /** Returns the sections of a level, with paths as people see them. */
  Map<String, Map<String, String>> shown(ConfigLevel level) throws IOException {
    ConfigEdit edit = edit(level);
    Map<String, Map<String, String>> shown = new LinkedHashMap<>();
    edit.sections()
        .forEach(
            (section, values) -> {
              Map<String, String> seen = new LinkedHashMap<>();
              values.forEach(
                  (key, value) ->
                      seen.put(
                          key,
                          ConfigPaths.isPath(section, key)
                              ? ConfigPaths.shown(value, edit.file(), call.environment())
                              : value));
              shown.put(section, seen);
            });
    return shown;
  }

  /** Returns the sections of the level that was given, or of all levels together. */
  Map<String, Map<String, String>> merged() throws IOException {
    Map<String, Map<String, String>> merged = new LinkedHashMap<>();
    for (ConfigLevel level : read()) {
      merge(merged, shown(level));
    }
    return merged;
  }

  /** Returns the sections of the levels weaker than the one that is edited, and of that one. */
  Map<String, Map<String, String>> upToEdited() throws IOException {
    Map<String, Map<String, String>> merged = new LinkedHashMap<>();
    for (ConfigLevel level : ConfigLevel.values()) {
      if (files.file(level).isPresent()) {
        merge(merged, shown(level));
      }
      if (level == given.orElse(ConfigLevel.PROJECT)) {
        break;
      }
    }
    return merged;
  }

  private static void merge(
      Map<String, Map<String, String>> into, Map<String, Map<String, String>> more) {
    more.forEach(
        (section, values) ->
            into.computeIfAbsent(section, name -> new LinkedHashMap<>()).putAll(values));
  }

  /** Returns how a level's file is named in answers: from the project's root, or in full. */
  String origin(ConfigLevel level) {
    Path file = files.file(level).orElseThrow();
    return root.filter(file::startsWith).map(r -> r.relativize(file)).orElse(file).toString();
  }

  /** Returns the levels stronger than the one that is edited, and that one, the strongest first. */
  List<ConfigLevel> downToEdited() {
    List<ConfigLevel> levels = new ArrayList<>();
    ConfigLevel last = given.orElse(ConfigLevel.PROJECT);
    for (ConfigLevel level : List.of(ConfigLevel.values()).reversed()) {
      if (files.file(level).isPresent()) {
        levels.add(level);
      }
      if (level == last) {
        break;
      }
    }
    return levels;
  }

  static CommandFailure wrong(String message, String whatToDo) {
    return new CommandFailure(
        "configuration error - config file error: " + message,
        whatToDo,
        CommandFailure.CONFIGURATION);
  }
}
