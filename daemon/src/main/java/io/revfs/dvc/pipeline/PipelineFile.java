package io.revfs.dvc.pipeline;

import io.revfs.dvc.DvcFormatException;
import io.revfs.dvc.YamlMap;
import io.revfs.dvc.YamlValues;
import io.revfs.text.RelativePaths;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.nodes.Node;

/**
 * A {@code dvc.yaml}: checked against its schema, its stages resolved when they are asked for.
 * Errors name the file and the line. Not thread-safe.
 */
public final class PipelineFile {
  /** The parameters file that is loaded by default, and that parameters without a file are in. */
  public static final String DEFAULT_PARAMETERS = "params.yaml";

  private static final String STAGES = "stages";

  private final String directory;
  private final Lines lines;
  private final ParameterFiles files;
  private final ParsingOptions options;
  private final Map<String, @Nullable Object> top;
  private final Map<String, @Nullable Object> definitions;
  private final Context context = Context.empty();
  private final Map<String, Loop> loops = new LinkedHashMap<>();
  private @Nullable DvcFormatException variablesProblem;

  private PipelineFile(
      String file,
      Optional<Node> root,
      Map<String, @Nullable Object> top,
      ParameterFiles files,
      ParsingOptions options) {
    this.directory = RelativePaths.parent(file);
    this.lines = new Lines(file, root);
    this.files = files;
    this.options = options;
    this.top = top;
    this.definitions = Lines.asMap(top.get(STAGES));
  }

  /**
   * Parses the file. Variables that cannot be loaded are told by {@link #check} and hide nothing
   * else.
   *
   * @param file its path from the project's root
   * @throws DvcFormatException if it is no YAML, or says what no {@code dvc.yaml} may say
   */
  public static PipelineFile parse(
      String file, byte[] content, ParameterFiles files, ParsingOptions options)
      throws IOException {
    Optional<Node> root = YamlMap.compose(file, content);
    Object value = root.isEmpty() ? Map.of() : YamlValues.of(file, root.get());
    if (!(value instanceof Map<?, ?>)) {
      throw new DvcFormatException(file, 1, "a map is expected here");
    }
    PipelineFile parsed = new PipelineFile(file, root, Lines.asMap(value), files, options);
    new PipelineSchema(parsed.lines).check(parsed.top);
    parsed.loadVariables();
    return parsed;
  }

  private void loadVariables() throws IOException {
    List<?> vars = list(top.get("vars"));
    try {
      if (Interpolation.hasTemplate(vars)) {
        throw lines.unresolved("vars", "'vars'", "interpolating is not allowed");
      }
      context.loadDefault(directory, files);
    } catch (DvcFormatException e) {
      variablesProblem = e;
    } catch (Unresolved e) {
      variablesProblem = lines.unresolved("vars", "'vars'", e.what());
    }
    try {
      context.load(vars, directory, "", files);
    } catch (DvcFormatException e) {
      variablesProblem = variablesProblem == null ? e : variablesProblem;
    } catch (Unresolved e) {
      variablesProblem =
          variablesProblem == null
              ? lines.unresolved("vars", "'vars'", e.what())
              : variablesProblem;
    }
  }

  /**
   * Checks that the variables could be loaded.
   *
   * @throws DvcFormatException if not
   */
  public void check() throws DvcFormatException {
    if (variablesProblem != null) {
      throw variablesProblem;
    }
  }

  /** Returns the names of all stages, of loops too, in the order written. */
  public List<String> names() throws DvcFormatException {
    List<String> names = new ArrayList<>();
    for (String name : definitions.keySet()) {
      names.addAll(names(name));
    }
    return names;
  }

  private List<String> names(String definition) throws DvcFormatException {
    if (!isLoop(definition)) {
      return List.of(definition);
    }
    return loop(definition).rounds().keySet().stream().map(key -> definition + "@" + key).toList();
  }

  /** Returns the names of the stages that a loop makes; empty if there is no loop of this name. */
  public List<String> group(String name) throws DvcFormatException {
    return isLoop(name) ? names(name) : List.of();
  }

  /**
   * Returns what the templates of a loop can name in each of its stages: the text of each scalar by
   * expression, by the stage's name; nothing if there is no loop of this name.
   */
  public Map<String, Map<String, String>> loopTexts(String name) throws DvcFormatException {
    Map<String, Map<String, String>> texts = new LinkedHashMap<>();
    if (isLoop(name)) {
      Loop loop = loop(name);
      loop.rounds().keySet().forEach(key -> texts.put(name + "@" + key, loop.texts(key)));
    }
    return texts;
  }

  private boolean isLoop(String definition) {
    Map<String, @Nullable Object> body = Lines.asMap(definitions.get(definition));
    return body.containsKey("foreach") || body.containsKey("matrix");
  }

  private Loop loop(String definition) throws DvcFormatException {
    Loop known = loops.get(definition);
    if (known != null) {
      return known;
    }
    Map<String, @Nullable Object> body = Lines.asMap(definitions.get(definition));
    String kind = body.containsKey("matrix") ? "matrix" : "foreach";
    String where = STAGES + "." + definition + "." + kind;
    try {
      Loop loop =
          kind.equals("matrix")
              ? Loop.matrix(body.get(kind), context)
              : Loop.foreach(body.get(kind), context);
      loops.put(definition, loop);
      return loop;
    } catch (Unresolved e) {
      throw lines.unresolved(where, "'" + where + "'", e.what());
    }
  }

  /**
   * Returns a stage, resolved; empty if there is none of this name.
   *
   * @throws DvcFormatException if its templates cannot be resolved
   */
  public Optional<PipelineStage> stage(String name) throws IOException {
    int at = name.lastIndexOf('@');
    String group = at < 0 ? name : name.substring(0, at);
    if (at >= 0 && definitions.containsKey(group) && isLoop(group)) {
      return round(group, name, name.substring(at + 1));
    }
    if (!definitions.containsKey(name) || isLoop(name)) {
      return Optional.empty();
    }
    Map<String, @Nullable Object> body = Lines.asMap(definitions.get(name));
    return Optional.of(resolver(name, Optional.empty()).resolve(body, context));
  }

  private Optional<PipelineStage> round(String group, String name, String key) throws IOException {
    Map<String, @Nullable Object> variables = loop(group).rounds().get(key);
    if (variables == null) {
      return Optional.empty();
    }
    Map<String, @Nullable Object> body = Lines.asMap(definitions.get(group));
    if (body.containsKey("do")) {
      body = Lines.asMap(body.get("do"));
    } else {
      body.remove("matrix");
    }
    return Optional.of(resolver(name, Optional.of(group)).resolve(body, context.with(variables)));
  }

  private StageResolver resolver(String name, Optional<String> group) {
    return new StageResolver(name, group, directory, lines, files, options);
  }

  /** Returns all stages by name, in the order written. */
  public Map<String, PipelineStage> stages() throws IOException {
    check();
    Map<String, PipelineStage> stages = new LinkedHashMap<>();
    for (String name : names()) {
      stages.put(name, stage(name).orElseThrow());
    }
    return stages;
  }

  /** Returns the stages that can be resolved, and tells of what is wrong with the others. */
  public Map<String, PipelineStage> stages(Consumer<DvcFormatException> problems)
      throws IOException {
    Map<String, PipelineStage> stages = new LinkedHashMap<>();
    if (variablesProblem != null) {
      problems.accept(variablesProblem);
    }
    for (String definition : definitions.keySet()) {
      try {
        for (String name : names(definition)) {
          stages.put(name, stage(name).orElseThrow());
        }
      } catch (DvcFormatException e) {
        problems.accept(e);
      }
    }
    return stages;
  }

  /** Returns the line in which a stage, or the loop that makes it, is defined; from 1. */
  public int line(String stage) {
    return lines.of(STAGES + "." + stage);
  }

  /** Returns the files that the file names as metrics ({@code metrics}) or {@code params}. */
  public List<String> topLevel(String key) throws DvcFormatException {
    return list(topLevelValue(key)).stream().map(PythonText::str).toList();
  }

  /** Returns the plots defined at the top: paths, or maps of an id to its properties. */
  public List<?> plots() throws DvcFormatException {
    return list(topLevelValue("plots"));
  }

  /** Returns the artifacts by id, with their properties. */
  public Map<String, @Nullable Object> artifacts() throws DvcFormatException {
    return Lines.asMap(topLevelValue("artifacts"));
  }

  /** Returns the data sets as written. */
  public List<?> datasets() throws DvcFormatException {
    return list(topLevelValue("datasets"));
  }

  private @Nullable Object topLevelValue(String key) throws DvcFormatException {
    try {
      Interpolation.check(top.get(key));
      return plain(Interpolation.resolve(top.get(key), context, Interpolation.Use.ANY, options));
    } catch (Unresolved e) {
      throw lines.unresolved(key, "'" + key + "'", e.what());
    }
  }

  private static @Nullable Object plain(@Nullable Object value) {
    return switch (value) {
      case ContextNode node -> node.value();
      case List<?> list -> {
        List<@Nullable Object> result = new ArrayList<>();
        list.forEach(item -> result.add(plain(item)));
        yield result;
      }
      case Map<?, ?> map -> {
        Map<String, @Nullable Object> result = new LinkedHashMap<>();
        map.forEach((key, item) -> result.put(String.valueOf(key), plain(item)));
        yield result;
      }
      case null, default -> value;
    };
  }

  private static List<?> list(@Nullable Object value) {
    return value instanceof List<?> list ? list : List.of();
  }
}
