package io.revfs.command.repro;

import io.revfs.command.CommandFailure;
import io.revfs.command.declare.Declarations;
import io.revfs.command.declare.Line;
import io.revfs.command.explain.RecordedInputs;
import io.revfs.command.record.Recorder;
import io.revfs.command.tracking.Session;
import io.revfs.dvc.lock.LockEntry;
import io.revfs.stage.Dep;
import io.revfs.stage.Stage;
import io.revfs.text.RelativePaths;
import io.revfs.trace.Deed;
import io.revfs.trace.Trace;
import io.revfs.trace.TracedPath;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * What the trace of a stage's run says against what the stage declares: told with the line to add,
 * refused, or added; and kept in {@code revfs.lock}. For one thread at a time.
 */
final class StageRecords {
  private static final Set<String> OF_TOOLS =
      Set.of(".git", ".dvc", "__pycache__", "node_modules", "site-packages", "venv", ".venv");
  private static final Set<String> OF_DVC =
      Set.of("dvc.yaml", "dvc.lock", RecordedInputs.FILE, ".dvcignore", ".gitignore");

  private final Session session;
  private final Recorder recorder;
  private final Declarations declarations;
  private final RecordedInputs inputs;

  StageRecords(Session session, Recorder recorder, RecordedInputs inputs) {
    this.session = session;
    this.recorder = recorder;
    this.inputs = inputs;
    this.declarations = new Declarations(session, recorder);
  }

  /** A recorded run, and the root that its paths are from. */
  record Recorded(Trace trace, Path root) {}

  /**
   * What a run did and its stage does not say.
   *
   * @param missing lines that would say it
   * @param unread dependencies that it says and the run did not read, as the caller names them
   */
  private record Findings(TreeSet<Line> missing, TreeSet<String> unread) {}

  /**
   * Judges a run that went well; nothing of it is recorded yet.
   *
   * @return the stage, with what was added to it
   * @throws CommandFailure if anything is undeclared and that was to fail
   */
  Stage judge(Stage stage, Recorded run, StageRun.Options options) throws IOException {
    Findings found = findings(stage, run);
    String name = stage.id().addressing(session.from());
    for (Line line : found.missing()) {
      session
          .call()
          .warn(
              "WARNING: stage '%s' %s '%s', which it does not declare; add to its %s: %s"
                  .formatted(
                      name,
                      line.section().deed(),
                      RelativePaths.relative(stage.workingDirectory(), line.path()),
                      line.section().key(),
                      declarations.shown(stage, line)));
    }
    for (String path : found.unread()) {
      session
          .call()
          .warn("WARNING: stage '%s' depends on '%s', and did not read it.".formatted(name, path));
    }
    if (found.missing().isEmpty()) {
      return stage;
    }
    boolean fix = session.call().flag("fix");
    Stage now = fix ? declarations.add(stage, found.missing()) : stage;
    boolean open = !fix || !findings(now, run).missing().isEmpty();
    if (open && options.strict()) {
      throw new CommandFailure(
          "stage '%s' uses what it does not declare".formatted(name),
          "add the lines above to dvc.yaml" + (fix ? "" : ", or run: revfs repro --fix " + name),
          CommandFailure.OTHER);
    }
    return now;
  }

  private Findings findings(Stage stage, Recorded run) throws IOException {
    Findings found = new Findings(new TreeSet<>(), new TreeSet<>());
    TreeSet<String> read = new TreeSet<>();
    for (TracedPath traced : run.trace().paths()) {
      Optional<String> path = inProject(run, traced.path());
      if (path.isEmpty()) {
        continue;
      }
      if (traced.isInput() || traced.has(Deed.LISTED)) {
        read.add(path.get());
      }
      boolean told = !isOwnBusiness(path.get()) && !RecordedInputs.isDeclared(stage, path.get());
      if (told && traced.isInput()) {
        found.missing().add(input(path.get()));
      }
      if (told && traced.isOutput()) {
        found.missing().add(new Line(Line.Section.OUTS, path.get()));
      }
    }
    if (run.trace().isComplete()) {
      for (Dep dep : stage.deps()) {
        boolean used =
            read.contains(dep.path())
                || isBelow(String.valueOf(read.ceiling(dep.path() + "/")), dep.path());
        if (dep.place().isInProject() && !used && !(dep.path().isEmpty() && !read.isEmpty())) {
          found.unread().add(dep.place().shown(session.from()));
        }
      }
    }
    return found;
  }

  private Line input(String path) throws IOException {
    return new Line(
        Declarations.isOfParameters(session, path) ? Line.Section.PARAMS : Line.Section.DEPS, path);
  }

  private static boolean isBelow(String path, String directory) {
    return path.startsWith(directory + "/");
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
      if (OF_TOOLS.contains(part)) {
        return true;
      }
    }
    return OF_DVC.contains(RelativePaths.name(path));
  }

  /**
   * Keeps what a run took in; of a run that was not recorded, what the last one that was did.
   *
   * @param restored the run that was brought back instead of running
   * @return what the run took in, if it was recorded
   */
  Optional<RecordedInputs.Inputs> keep(
      Stage stage, Optional<Recorded> run, Optional<StageRestore.Found> restored)
      throws IOException {
    Optional<RecordedInputs.Inputs> taken = restored.flatMap(StageRestore.Found::inputs);
    if (run.isPresent() && run.get().trace().isComplete()) {
      taken = Optional.of(taken(run.get()));
    }
    Optional<Path> written =
        taken.isPresent() ? inputs.put(stage, taken.get()) : inputs.refresh(stage);
    written.ifPresent(recorder::changed);
    return taken;
  }

  /** Lets the history of runs know what a run took in beyond what it declares. */
  void remember(Stage stage, LockEntry run, RecordedInputs.Inputs taken) throws IOException {
    inputs.remember(stage, run, taken);
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
