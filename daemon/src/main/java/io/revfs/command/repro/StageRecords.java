package io.revfs.command.repro;

import io.revfs.command.CommandFailure;
import io.revfs.command.explain.RecordedInputs;
import io.revfs.command.record.Recorder;
import io.revfs.command.tracking.Session;
import io.revfs.dvc.pipeline.RelativePaths;
import io.revfs.stage.Dep;
import io.revfs.stage.FileView;
import io.revfs.stage.Stage;
import io.revfs.text.YamlDocument;
import io.revfs.text.YamlSyntaxException;
import io.revfs.trace.Deed;
import io.revfs.trace.Trace;
import io.revfs.trace.TracedPath;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What the trace of a stage's run says against what the stage declares: told with the line to add,
 * refused, or added; and kept in {@code revfs.lock}. For one thread at a time.
 */
final class StageRecords {
  private final Session session;
  private final Recorder recorder;
  private final RecordedInputs inputs;

  StageRecords(Session session, Recorder recorder, RecordedInputs inputs) {
    this.session = session;
    this.recorder = recorder;
    this.inputs = inputs;
  }

  /** A recorded run, and the root that its paths are from. */
  record Recorded(Trace trace, Path root) {}

  /**
   * What a run did and its stage does not say, from the project's root.
   *
   * @param unread dependencies that it says and the run did not read
   */
  private record Findings(TreeSet<String> reads, TreeSet<String> writes, TreeSet<String> unread) {}

  /**
   * Judges a run that went well; nothing of it is recorded yet.
   *
   * @return the stage, with what was added to it
   * @throws CommandFailure if anything is undeclared and that was to fail
   */
  Stage judge(Stage stage, Recorded run, StageRun.Options options) throws IOException {
    Findings found = findings(stage, run);
    String name = stage.id().addressing(session.from());
    boolean undeclared = !found.reads().isEmpty() || !found.writes().isEmpty();
    boolean fix = session.call().flag("fix") && undeclared;
    if (fix && stage.details().templated()) {
      session
          .call()
          .warn(
              "WARNING: stage '%s' is made by templates: add the lines yourself.".formatted(name));
      fix = false;
    }
    found.reads().forEach(path -> tell(stage, name, "read", path, "deps"));
    found.writes().forEach(path -> tell(stage, name, "wrote", path, "outs"));
    for (String path : found.unread()) {
      session
          .call()
          .warn("WARNING: stage '%s' depends on '%s', and did not read it.".formatted(name, path));
    }
    if (fix) {
      return added(stage, found);
    }
    if (undeclared && options.strict()) {
      throw new CommandFailure(
          "stage '%s' uses what it does not declare".formatted(name),
          "add the lines above to dvc.yaml, or run: revfs repro --fix " + name,
          CommandFailure.OTHER);
    }
    return stage;
  }

  private void tell(Stage stage, String name, String deed, String path, String key) {
    session
        .call()
        .warn(
            "WARNING: stage '%s' %s '%s', which it does not declare; add to its %s: - %s"
                .formatted(name, deed, path, key, inStage(stage, path)));
  }

  private static String inStage(Stage stage, String path) {
    return RelativePaths.relative(stage.workingDirectory(), path);
  }

  private Findings findings(Stage stage, Recorded run) throws IOException {
    Findings found = new Findings(new TreeSet<>(), new TreeSet<>(), new TreeSet<>());
    TreeSet<String> read = new TreeSet<>();
    for (TracedPath traced : run.trace().paths()) {
      Optional<String> path = inProject(run, traced.path());
      if (path.isEmpty()) {
        continue;
      }
      if (traced.isInput() || traced.has(Deed.LISTED)) {
        read.add(path.get());
      }
      if (isOwnBusiness(path.get()) || RecordedInputs.isDeclared(stage, path.get())) {
        continue;
      }
      if (traced.isInput()) {
        found.reads().add(path.get());
      }
      if (traced.isOutput()) {
        found.writes().add(path.get());
      }
    }
    if (run.trace().isComplete()) {
      for (Dep dep : stage.deps()) {
        boolean used =
            read.contains(dep.path()) || read.stream().anyMatch(one -> isBelow(one, dep.path()));
        if (dep.place().isInProject() && !used) {
          found.unread().add(dep.place().shown(session.from()));
        }
      }
    }
    return found;
  }

  private static boolean isBelow(String path, String directory) {
    return directory.isEmpty() || path.startsWith(directory + "/");
  }

  /** Returns a path of the trace, from the project's root; empty if it is not in the project. */
  private Optional<String> inProject(Recorded run, String path) {
    Path place = run.root().resolve(path);
    Path root = session.project().root();
    return place.startsWith(root)
        ? Optional.of(root.relativize(place).toString())
        : Optional.empty();
  }

  /** Returns whether a path is Git's, DVC's or an interpreter's own, which nobody declares. */
  private static boolean isOwnBusiness(String path) {
    for (String part : path.split("/")) {
      if (part.equals(".git") || part.equals(".dvc") || part.equals("__pycache__")) {
        return true;
      }
    }
    String name = path.substring(path.lastIndexOf('/') + 1);
    return name.equals("dvc.yaml")
        || name.equals("dvc.lock")
        || name.equals(RecordedInputs.FILE)
        || name.equals(".dvcignore")
        || name.equals(".gitignore");
  }

  /** Adds what was found to dvc.yaml, and returns the stage as it is then. */
  private Stage added(Stage stage, Findings found) throws IOException {
    Path file = session.project().root().resolve(stage.id().file());
    YamlDocument document;
    try {
      document = YamlDocument.parse(Files.readString(file));
    } catch (YamlSyntaxException e) {
      throw new IOException(e);
    }
    String name = stage.id().name();
    found.reads().forEach(path -> add(document, name, "deps", inStage(stage, path)));
    found.writes().forEach(path -> add(document, name, "outs", inStage(stage, path)));
    recorder.write(file, document.toString().getBytes(StandardCharsets.UTF_8));
    session.call().out("Added them to '%s'".formatted(session.shown(file)));
    FileView now = session.index().view();
    return session.loader(now).file(stage.id().file()).stages().stream()
        .filter(one -> one.id().equals(stage.id()))
        .findFirst()
        .orElse(stage);
  }

  private static void add(YamlDocument document, String stage, String key, String path) {
    List<@Nullable Object> all = new ArrayList<>();
    if (document.value().get("stages") instanceof Map<?, ?> stages
        && stages.get(stage) instanceof Map<?, ?> body
        && body.get(key) instanceof List<?> list) {
      all.addAll(list);
    }
    all.add(path);
    document.put(List.of("stages", stage, key), all);
  }

  /** Keeps what a run took in; of a run that was not recorded, what the last one that was did. */
  void keep(Stage stage, Optional<Recorded> run) throws IOException {
    Optional<Path> written =
        run.isPresent() && run.get().trace().isComplete()
            ? inputs.put(stage, taken(run.get()))
            : inputs.refresh(stage);
    if (written.isPresent()) {
      recorder.changed(written.get());
    }
  }

  private RecordedInputs.Inputs taken(Recorded run) throws IOException {
    Map<String, String> read = new TreeMap<>();
    Map<String, String> listed = new TreeMap<>();
    List<String> absent = new ArrayList<>();
    for (TracedPath traced : run.trace().paths()) {
      Optional<String> path = inProject(run, traced.path());
      if (path.isEmpty() || isOwnBusiness(path.get())) {
        continue;
      }
      if (traced.isInput() && traced.before().isPresent()) {
        read.put(path.get(), traced.before().get().hex());
      }
      if (traced.has(Deed.LISTED)) {
        inputs.listing(path.get()).ifPresent(digest -> listed.put(path.get(), digest));
      }
      if (traced.has(Deed.ABSENT)) {
        absent.add(path.get());
      }
    }
    return new RecordedInputs.Inputs(read, listed, absent);
  }
}
