package io.revfs.command.declare;

import io.revfs.command.record.Recorder;
import io.revfs.command.tracking.Session;
import io.revfs.dvc.DvcFormatException;
import io.revfs.dvc.pipeline.PipelineFile;
import io.revfs.metric.ValueFiles;
import io.revfs.stage.Stage;
import io.revfs.stage.StageGraphException;
import io.revfs.stage.StageId;
import io.revfs.stage.StageIndex;
import io.revfs.text.RelativePaths;
import io.revfs.text.YamlDocument;
import io.revfs.text.YamlSyntaxException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Writes lines into the {@code dvc.yaml} of a stage. In a loop's template, paths get its values
 * back as expressions. A line that would not be right for all stages of the loop, or that no
 * pipeline may have, is left out and told. For one thread at a time.
 */
public final class Declarations {
  private static final Pattern PARAMETERS = Pattern.compile("params\\.(ya?ml|json|toml|py)");

  private final Session session;
  private final Recorder recorder;

  public Declarations(Session session, Recorder recorder) {
    this.session = session;
    this.recorder = recorder;
  }

  /** A line that cannot be added. */
  private static final class RefusedLine extends Exception {
    private static final long serialVersionUID = 1L;

    RefusedLine(String why) {
      super(why);
    }
  }

  /**
   * Returns whether a file is one of parameters: by its name, or since a stage has parameters of
   * it; and it can be read as one.
   *
   * @param path from the project's root
   */
  public static boolean isOfParameters(Session session, String path) throws IOException {
    boolean named = PARAMETERS.matcher(RelativePaths.name(path)).matches();
    boolean used =
        named
            || session.index().stages().stream()
                .flatMap(stage -> stage.params().stream())
                .anyMatch(params -> params.place().path().equals(path));
    Path file = session.project().root().resolve(path);
    if (!used || !Files.isRegularFile(file)) {
      return false;
    }
    try {
      var unused = ValueFiles.parameters(path, Files.readAllBytes(file));
      return true;
    } catch (DvcFormatException e) {
      return false;
    }
  }

  /** Returns a line as it is to stand in {@code dvc.yaml}. */
  public String shown(Stage stage, Line line) throws IOException {
    String written = written(stage, line);
    Optional<LoopTemplate> template = Optional.ofNullable(templates(stage).get(stage.id()));
    Object value = value(line, template.map(t -> t.of(written)).orElse(literal(stage, written)));
    return YamlDocument.write(List.of(value)).strip();
  }

  private static Object value(Line line, String text) {
    return line.section() == Line.Section.PARAMS
        ? Collections.singletonMap(text, null) // without keys: the whole file
        : text;
  }

  private static String written(Stage stage, Line line) {
    return RelativePaths.relative(stage.workingDirectory(), line.path());
  }

  /** Any stage's text may be a template. */
  private static String literal(Stage stage, String text) {
    return stage.isPipeline() ? text.replace("${", "\\${") : text;
  }

  /**
   * Adds lines.
   *
   * @return the stage as it is then
   */
  public Stage add(Stage stage, Collection<Line> lines) throws IOException {
    Path file = session.project().root().resolve(stage.id().file());
    String text = Files.readString(file);
    Map<StageId, LoopTemplate> templates = templates(stage);
    String edited = text;
    List<Line> added = new ArrayList<>();
    try {
      edited = edited(text, stage, lines, templates);
      check(stage, lines, edited);
      added.addAll(lines);
    } catch (RefusedLine e) {
      edited = text;
      for (Line line : lines) { // the others are right all the same
        try {
          List<Line> one = List.of(line);
          String next = edited(edited, stage, one, templates);
          check(stage, one, next);
          edited = next;
          added.add(line);
        } catch (RefusedLine refused) {
          tellRefused(stage, line, String.valueOf(refused.getMessage()));
        }
      }
    }
    if (added.isEmpty()) {
      return stage;
    }
    if (!edited.equals(text)) {
      recorder.write(file, edited.getBytes(StandardCharsets.UTF_8));
      session.call().out("Added them to '%s'".formatted(session.shown(file)));
    }
    return session.loader(session.index().view()).file(stage.id().file()).stages().stream()
        .filter(one -> one.id().equals(stage.id()))
        .findFirst()
        .orElse(stage);
  }

  private void tellRefused(Stage stage, Line line, String why) throws IOException {
    session
        .call()
        .warn(
            "WARNING: not added to the %s of stage '%s': %s: %s; add what is right by hand."
                .formatted(
                    line.section().key(),
                    stage.id().addressing(session.from()),
                    shown(stage, line),
                    why));
  }

  private String edited(
      String text, Stage stage, Collection<Line> lines, Map<StageId, LoopTemplate> templates)
      throws IOException, RefusedLine {
    YamlDocument document;
    try {
      document = YamlDocument.parse(text);
    } catch (YamlSyntaxException e) {
      throw new IOException(e);
    }
    List<String> body = body(document, stage);
    for (Line line : lines) {
      String written = written(stage, line);
      LoopTemplate own = templates.get(stage.id());
      if (own != null) {
        checkOthers(stage, line, own, templates);
      }
      String template = own == null ? literal(stage, written) : own.of(written);
      List<String> path = new ArrayList<>(body);
      path.add(line.section().key());
      List<@Nullable Object> all = new ArrayList<>();
      if (at(document.value(), path) instanceof List<?> list) {
        all.addAll(list);
      }
      Object value = value(line, template);
      if (!all.contains(value)) {
        all.add(value);
        document.put(path, all);
      }
    }
    return document.toString();
  }

  /** Returns the way to the stage's definition, which of a loop is its template. */
  private static List<String> body(YamlDocument document, Stage stage) {
    Optional<String> group = stage.details().group();
    List<String> body = new ArrayList<>(List.of("stages", group.orElse(stage.id().name())));
    boolean inner = at(document.value(), body) instanceof Map<?, ?> map && map.containsKey("do");
    if (group.isPresent() && inner) {
      body.add("do");
    }
    return body;
  }

  private static @Nullable Object at(Object top, List<String> path) {
    Object at = top;
    for (String key : path) {
      at = at instanceof Map<?, ?> map ? map.get(key) : null;
    }
    return at;
  }

  /** Makes sure that what a line becomes in the other stages of a loop can be. */
  private void checkOthers(
      Stage stage, Line line, LoopTemplate own, Map<StageId, LoopTemplate> templates)
      throws IOException, RefusedLine {
    String written = written(stage, line);
    boolean output = line.section() == Line.Section.OUTS;
    if (!own.varies(written)) {
      if (output && templates.size() > 1) {
        throw new RefusedLine("each stage of the loop would make it");
      }
      return;
    }
    for (Map.Entry<StageId, LoopTemplate> other : templates.entrySet()) {
      Optional<Stage> sibling = session.index().stage(other.getKey());
      Optional<String> there = own.in(other.getValue(), written);
      if (sibling.isEmpty() || there.isEmpty()) {
        throw new RefusedLine("'%s' has other values".formatted(other.getKey().name()));
      }
      String path = RelativePaths.join(sibling.get().workingDirectory(), there.get());
      boolean known =
          output
              || Files.exists(session.project().root().resolve(path))
              || session.index().outContaining(path).isPresent();
      if (!known) {
        throw new RefusedLine(
            "for '%s' it would be '%s', which does not exist"
                .formatted(other.getKey().name(), there.get()));
      }
    }
  }

  /** Returns the templates of all stages of a stage's loop; none if it is of no loop. */
  private Map<StageId, LoopTemplate> templates(Stage stage) throws IOException {
    Map<StageId, LoopTemplate> templates = new LinkedHashMap<>();
    Optional<String> group = stage.details().group();
    if (group.isPresent()) {
      String file = stage.id().file();
      Optional<PipelineFile> pipeline = session.loader(session.index().view()).pipeline(file);
      if (pipeline.isPresent()) {
        pipeline
            .get()
            .loopTexts(group.get())
            .forEach(
                (name, texts) -> templates.put(new StageId(file, name), new LoopTemplate(texts)));
      }
    }
    return templates;
  }

  /** Makes sure that the pipeline is one with these lines, and that they say what they should. */
  private void check(Stage stage, Collection<Line> lines, String edited)
      throws IOException, RefusedLine {
    byte[] content = edited.getBytes(StandardCharsets.UTF_8);
    EditedView view = new EditedView(session.index().view(), stage.id().file(), content);
    Stage then;
    try {
      StageIndex index = session.loader(view).load();
      var unused = index.graph();
      then = index.stage(stage.id()).orElseThrow(() -> new RefusedLine("the stage would be gone"));
    } catch (StageGraphException | DvcFormatException e) {
      throw new RefusedLine(String.valueOf(e.getMessage()).replaceAll("\\s+", " "));
    }
    for (Line line : lines) {
      boolean there =
          switch (line.section()) {
            case DEPS -> then.deps().stream().anyMatch(dep -> dep.path().equals(line.path()));
            case PARAMS ->
                then.params().stream().anyMatch(one -> one.place().path().equals(line.path()));
            case OUTS -> then.outs().stream().anyMatch(out -> out.path().equals(line.path()));
          };
      if (!there) {
        throw new RefusedLine("it would be something else there");
      }
    }
  }
}
