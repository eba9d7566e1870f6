package io.revfs.command.experiment.run;

import io.revfs.command.CommandFailure;
import io.revfs.command.Invocation;
import io.revfs.dvc.DvcFormatException;
import io.revfs.experiment.override.HydraConfig;
import io.revfs.experiment.override.OverrideException;
import io.revfs.experiment.override.Overrides;
import io.revfs.experiment.override.ParamFile;
import io.revfs.project.Project;
import io.revfs.reach.Passages;
import io.revfs.text.AtomicFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Files of parameters with the overrides of a call. Immutable. */
final class ParamChanges {
  private final Project project;
  private final Invocation call;
  private final Map<String, List<String>> overrides;
  private final boolean hydra;

  private ParamChanges(
      Project project, Invocation call, Map<String, List<String>> overrides, boolean hydra) {
    this.project = project;
    this.call = call;
    this.overrides = overrides;
    this.hydra = hydra;
  }

  /** Reads those of a call. */
  static ParamChanges of(Project project, Invocation call) {
    Map<String, List<String>> overrides =
        new LinkedHashMap<>(Overrides.byFile(call.values("set-param")));
    boolean hydra = project.isSet("hydra", "enabled", false) && !call.flag("no-hydra");
    if (hydra) {
      overrides.putIfAbsent(Overrides.DEFAULT_FILE, List.of());
    }
    return new ParamChanges(project, call, overrides, hydra);
  }

  /** Returns the overrides by file. */
  Map<String, List<String>> overrides() {
    return overrides;
  }

  /** Returns whether they stand for several experiments. */
  boolean isSweep() throws IOException {
    try {
      return Overrides.isSweep(overrides);
    } catch (OverrideException e) {
      throw failure(e);
    }
  }

  /** Returns those of each experiment. */
  List<ParamChanges> each() throws IOException {
    try {
      List<ParamChanges> each = new ArrayList<>();
      for (Map<String, List<String>> one : Overrides.grid(overrides)) {
        each.add(new ParamChanges(project, call, one, hydra));
      }
      return each;
    } catch (OverrideException e) {
      throw failure(e);
    }
  }

  private static CommandFailure failure(OverrideException e) {
    return new CommandFailure(
        String.valueOf(e.getMessage()), e.whatToDo(), CommandFailure.OTHER, e);
  }

  /** Returns the files' new content. All overrides are applied before anything is written. */
  Map<Path, byte[]> contents() throws IOException {
    Map<Path, byte[]> contents = new LinkedHashMap<>();
    for (Map.Entry<String, List<String>> file : overrides.entrySet()) {
      Path path = call.resolve(file.getKey());
      if (!project.contains(path)) {
        throw new CommandFailure(
            "'%s' is not in this project".formatted(file.getKey()),
            "name a file of parameters of the project",
            CommandFailure.OTHER);
      }
      try {
        contents.put(path, content(path, file.getKey(), file.getValue()));
      } catch (OverrideException e) {
        throw failure(e);
      } catch (DvcFormatException e) {
        throw new CommandFailure(
            "the parameters cannot be read: " + e.getMessage(),
            "mend the file",
            CommandFailure.OTHER,
            e);
      }
    }
    return contents;
  }

  private byte[] content(Path path, String name, List<String> some) throws IOException {
    if (hydra && name.equals(Overrides.DEFAULT_FILE)) {
      String config = option("config_name").orElse("config");
      return HydraConfig.compose(configurations(), config, some, name);
    }
    if (!Passages.exists(path) || Passages.isDirectory(path)) {
      throw new CommandFailure(
          "the file of parameters '%s' does not exist".formatted(name),
          "make it, or name another: -S file:key=value",
          CommandFailure.OTHER);
    }
    return ParamFile.apply(name, Passages.readAllBytes(path), some);
  }

  private Optional<String> option(String name) {
    return project.config().get("hydra", name);
  }

  /** Returns the directory of Hydra's configurations. */
  private Path configurations() throws CommandFailure {
    if (option("plugins_path").isPresent()) {
      call.warn(
          "WARNING: hydra.plugins_path has no effect: plugins of Hydra are programs in Python,"
              + " which are not run here.");
    }
    Optional<String> module = option("config_module");
    if (module.isEmpty()) {
      return project.root().resolve(option("config_dir").orElse("conf"));
    }
    Path directory = project.root().resolve(module.get().replace('.', '/'));
    if (!Files.isDirectory(directory)) {
      throw new CommandFailure(
          "hydra.config_module '%s' is no directory of this project: there is no %s"
              .formatted(module.get(), directory),
          "set hydra.config_dir to the directory of its files; modules that are installed"
              + " elsewhere are not looked for",
          CommandFailure.OTHER);
    }
    return directory;
  }

  /** Writes the files into the work tree. */
  void write() throws IOException {
    for (Map.Entry<Path, byte[]> file : contents().entrySet()) {
      AtomicFile.replace(file.getKey(), file.getValue(), call.umask());
    }
  }

  /** Returns the files' new texts by path from the top of Git's work tree. */
  Map<String, String> texts(Path top) throws IOException {
    Map<String, String> texts = new LinkedHashMap<>();
    contents()
        .forEach(
            (path, content) ->
                texts.put(
                    top.relativize(path).toString(), new String(content, StandardCharsets.UTF_8)));
    return texts;
  }
}
