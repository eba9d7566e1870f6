package io.revfs.stage.target;

import io.revfs.dvc.pipeline.PipelineFile;
import io.revfs.dvc.pipeline.PipelineStage;
import io.revfs.stage.Out;
import io.revfs.stage.Stage;
import io.revfs.stage.StageGraph;
import io.revfs.stage.StageIndex;
import io.revfs.stage.StageLoader;
import io.revfs.stage.view.FileView;
import io.revfs.text.RelativePaths;
import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Understands targets as DVC does: a stage or a group of the {@code dvc.yaml} here, {@code
 * path/dvc.yaml:stage}, a {@code .dvc} file, a {@code dvc.yaml}, an output or a path inside one.
 * The whole project is read only if a target needs it, and then once. Not thread-safe.
 */
public final class Targets {
  private static final Pattern FORM = Pattern.compile("(?<path>.*?)(:(?<name>[^\\\\/:]*))??");

  private final StageLoader loader;
  private final String from;
  private @Nullable StageIndex index;

  /** {@code from} is the caller's directory, from the project's root. */
  public Targets(StageLoader loader, String from) {
    this.loader = loader;
    this.from = from;
  }

  /** As the other one, for a project that was read already. */
  public Targets(StageLoader loader, String from, StageIndex index) {
    this(loader, from);
    this.index = index;
  }

  /** How targets are taken. */
  public record Options(boolean withDeps, boolean recursive) {
    /** Just what was named. */
    public static final Options PLAIN = new Options(false, false);
  }

  /** Returns all stages of the project. */
  public StageIndex index() throws IOException {
    if (index == null) {
      index = loader.load();
    }
    return index;
  }

  /** Returns what several targets mean, each stage and path once; no targets mean all stages. */
  public List<Target> resolve(Collection<String> targets, Options options) throws IOException {
    Set<Target> found = new LinkedHashSet<>();
    if (targets.isEmpty()) {
      index().stages().forEach(stage -> found.add(new Target(stage, Optional.empty())));
    }
    for (String target : targets) {
      found.addAll(resolve(target, options));
    }
    return List.copyOf(found);
  }

  /**
   * Returns what a target means.
   *
   * @throws UnknownTargetException if it means nothing
   */
  public List<Target> resolve(String target, Options options) throws IOException {
    String path = RelativePaths.join(from, target);
    boolean directory = options.recursive() && loader.view().kind(path) == FileView.Kind.DIRECTORY;
    if (directory) {
      return whole(inside(path));
    }
    Parsed parsed = parse(target);
    List<Stage> stages = List.of();
    if (parsed.file().isEmpty()) {
      stages = here(parsed.name().orElse(target));
    } else if (StageLoader.isStageFile(parsed.file().get())) {
      stages = inFile(parsed);
    }
    if (!stages.isEmpty()) {
      return whole(options.withDeps() ? withDeps(stages) : stages);
    }
    Optional<Out> out = index().outContaining(inProject(path));
    if (out.isPresent()) {
      return List.of(new Target(index().owner(out.get()), Optional.of(inProject(path))));
    }
    throw new UnknownTargetException(
        "'%s' does not exist as an output or a stage name in '%s'"
            .formatted(target, StageLoader.PIPELINE_FILE));
  }

  /**
   * Returns the stages that a target names; outputs are no names here.
   *
   * @param glob whether the stage's name is a pattern
   * @throws UnknownTargetException if there are none
   */
  public List<Stage> stages(String target, boolean glob) throws IOException {
    if (!glob) {
      Parsed parsed = parse(target);
      return inFile(
          new Parsed(
              parsed.file().or(() -> Optional.of(StageLoader.PIPELINE_FILE)), parsed.name()));
    }
    int colon = target.lastIndexOf(':');
    String file = colon <= 0 ? StageLoader.PIPELINE_FILE : target.substring(0, colon);
    String pattern = target.substring(colon + 1);
    PathMatcher matcher = FileSystems.getDefault().getPathMatcher("glob:" + pattern);
    return loader.file(RelativePaths.join(from, file)).stages().stream()
        .filter(stage -> matcher.matches(Path.of(stage.id().name())))
        .toList();
  }

  /** A target's parts: a file of stages, and a name in it. */
  private record Parsed(Optional<String> file, Optional<String> name) {}

  private static Parsed parse(String target) throws UnknownTargetException {
    int at = target.indexOf('@');
    String group = at < 0 ? target : target.substring(0, at);
    String key = at < 0 ? "" : target.substring(at);
    Matcher matcher = FORM.matcher(group);
    if (!matcher.matches()) {
      return new Parsed(Optional.of(target), Optional.empty());
    }
    String path = matcher.group("path");
    String name = matcher.group("name");
    if (path.equals(StageLoader.LOCK_FILE) || path.endsWith("/" + StageLoader.LOCK_FILE)) {
      throw new UnknownTargetException(
          "Did you mean: `" + target.replaceFirst("\\.lock", ".yaml") + "`?");
    }
    if (name != null) {
      String file = path.isEmpty() ? StageLoader.PIPELINE_FILE : path;
      return new Parsed(Optional.of(file), Optional.of(name + key).filter(n -> !n.isEmpty()));
    }
    return StageLoader.isStageFile(target)
        ? new Parsed(Optional.of(target), Optional.empty())
        : new Parsed(Optional.empty(), Optional.of(target));
  }

  /** Returns the stages of this name in the {@code dvc.yaml} of the caller's directory, if any. */
  private List<Stage> here(String name) throws IOException {
    return named(RelativePaths.join(from, StageLoader.PIPELINE_FILE), name);
  }

  private List<Stage> named(String file, String name) throws IOException {
    Optional<PipelineFile> pipeline = loader.pipeline(file);
    if (pipeline.isEmpty()) {
      return List.of();
    }
    List<String> names = pipeline.get().group(name);
    if (names.isEmpty()) {
      names = List.of(name);
    }
    List<Stage> stages = new ArrayList<>();
    Map<String, io.revfs.dvc.lock.LockedStage> locked = loader.lock(file).stages();
    for (String one : names) {
      Optional<PipelineStage> stage = pipeline.get().stage(one);
      if (stage.isPresent()) {
        pipeline.get().check();
        stages.add(loader.stage(file, stage.get(), Optional.ofNullable(locked.get(one))));
      }
    }
    return stages;
  }

  private List<Stage> inFile(Parsed parsed) throws IOException {
    String written = parsed.file().orElseThrow();
    String file = RelativePaths.join(from, written);
    if (loader.view().kind(file) != FileView.Kind.FILE) {
      throw new UnknownTargetException("'" + written + "' does not exist");
    }
    if (parsed.name().isEmpty() || file.endsWith(StageLoader.SUFFIX)) {
      return loader.file(file).stages();
    }
    List<Stage> stages = named(file, parsed.name().get());
    if (stages.isEmpty()) {
      throw new UnknownTargetException(
          "Stage '%s' not found inside '%s' file".formatted(parsed.name().get(), written));
    }
    return stages;
  }

  private List<Stage> inside(String directory) throws IOException {
    String prefix = directory.isEmpty() ? "" : directory + "/";
    return index().stages().stream().filter(s -> s.id().file().startsWith(prefix)).toList();
  }

  private List<Stage> withDeps(List<Stage> stages) throws IOException {
    StageGraph graph = index().graph();
    return graph.withNeeds(stages.stream().map(Stage::id).toList()).stream()
        .map(graph::stage)
        .toList();
  }

  private String inProject(String path) {
    if (!path.startsWith("/") && !path.startsWith("..")) {
      return path;
    }
    Path root = loader.view().root();
    Path absolute = root.resolve(path).normalize();
    return absolute.startsWith(root) ? root.relativize(absolute).toString() : absolute.toString();
  }

  private static List<Target> whole(List<Stage> stages) {
    return stages.stream().map(stage -> new Target(stage, Optional.empty())).toList();
  }
}
