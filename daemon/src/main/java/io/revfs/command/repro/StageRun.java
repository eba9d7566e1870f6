package io.revfs.command.repro;

import io.revfs.command.CommandFailure;
import io.revfs.command.Invocation;
import io.revfs.command.explain.RecordedInputs;
import io.revfs.command.explain.StageChanges;
import io.revfs.command.record.Recorder;
import io.revfs.command.record.StageRecorder;
import io.revfs.command.tracking.Session;
import io.revfs.dvc.Output;
import io.revfs.dvc.lock.LockEntry;
import io.revfs.project.LockedException;
import io.revfs.project.PathLocks;
import io.revfs.reach.Passages;
import io.revfs.stage.Out;
import io.revfs.stage.Stage;
import io.revfs.workspace.Checkout;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Runs one stage, or brings back what it made when it ran before. For whoever has the turn of the
 * hold, which is given away while a command runs.
 */
final class StageRun {
  private final Session session;
  private final Recorder recorder;
  private final StageRecorder stages;
  private final StageRestore restore;
  private final CommandRun commands;
  private final StageRecords records;
  private final ReproCommand.Imports imports;

  StageRun(
      Session session,
      Recorder recorder,
      StageRecorder stages,
      StageChanges changes,
      ProjectHold hold,
      ReproCommand.Helpers helpers) {
    this.session = session;
    this.recorder = recorder;
    this.stages = stages;
    boolean pull = session.call().flag("pull") && !session.call().flag("dry");
    this.restore =
        new StageRestore(
            session, stages, changes, pull ? helpers.pulls()::fetch : StageRestore.Fetch.NOTHING);
    this.commands = new CommandRun(session, hold, helpers.tracing());
    this.imports = helpers.imports();
    this.records = new StageRecords(session, recorder, changes.recorded());
  }

  /** Whether what stages do is recorded. */
  enum Recording {
    NO,
    /** A stage that cannot be recorded runs all the same. */
    WHERE_POSSIBLE,
    /** A stage that cannot be recorded fails. */
    YES,
    /** As {@link #YES}, but the record is for others, and not held against the stage. */
    UNJUDGED;

    /** Returns what a call asks for. */
    static Recording of(Invocation call, boolean attached) {
      if (call.flag("record") || call.flag("fix")) {
        return YES;
      }
      if (call.flag(ReproCommand.TRACED)) {
        return UNJUDGED;
      }
      return attached && !call.flag("no-record") ? WHERE_POSSIBLE : NO;
    }
  }

  /**
   * How stages are run.
   *
   * @param strict whether what DVC overlooks fails
   * @param recording whether what the stage does is recorded
   * @param label what stands before each line of the stage's output; empty if it has the terminal
   *     to itself
   */
  record Options(
      boolean force,
      boolean dry,
      boolean commit,
      boolean runCache,
      boolean strict,
      Recording recording,
      String label) {
    /** Runs one stage as if nothing was asked for. */
    static final Options PLAIN = new Options(false, false, true, true, false, Recording.NO, "");

    static Options of(Invocation call, boolean force, Recording recording, String label) {
      return new Options(
          force,
          call.flag("dry"),
          !call.flag("no-commit"),
          !call.flag("no-run-cache"),
          call.flag("strict"),
          recording,
          label);
    }

    /** Returns a line as it is shown. */
    String shown(String line) {
      return label.isEmpty() ? line : label + " | " + line;
    }
  }

  /** Runs it, and records what came of it. */
  void run(Stage stage, Options options) throws IOException {
    run(stage, options, Upstream.NONE);
  }

  /**
   * Runs it, and records what came of it.
   *
   * @param upstream what it needs and still runs
   */
  void run(Stage stage, Options options, Upstream upstream) throws IOException {
    try (Closeable paths = options.dry() ? () -> {} : lock(stage, upstream)) {
      if (isBrought(stage)) {
        say(options, "Importing '%s'".formatted(stage.id().addressing(session.from())));
        if (!options.dry()) {
          imports.bring(session, recorder, stage);
        }
        return;
      }
      Ran ran = Ran.NOT;
      if (stage.command().isPresent() && !stage.frozen()) {
        ran = runCommand(stage, options, upstream);
      } else {
        verify(stage, options);
      }
      if (!options.dry()) {
        record(stage, options, ran);
      }
    }
  }

  /** A frozen import is only looked at, unless it was never downloaded. */
  private static boolean isBrought(Stage stage) {
    return stage.isImport() && (!stage.frozen() || stage.isPartialImport());
  }

  private Closeable lock(Stage stage, Upstream upstream) throws IOException {
    StagePaths paths = StagePaths.of(stage, session.project().root()).without(upstream.writes());
    try {
      return new PathLocks(session.project(), session.call()::warn)
          .take("dvc repro", paths.reads(), paths.writes());
    } catch (LockedException e) {
      throw new CommandFailure(
          String.valueOf(e.getMessage()), e.whatToDo(), CommandFailure.OTHER, e);
    }
  }

  /**
   * What is known of a run.
   *
   * @param before what the stage depended on when it began, if that was known
   * @param recorded its trace, if there is one
   * @param restored the run that was brought back instead
   */
  private record Ran(
      Optional<StageRecorder.Inputs> before,
      Optional<StageRecords.Recorded> recorded,
      Optional<StageRestore.Found> restored) {
    /** Nothing ran. */
    static final Ran NOT = new Ran(Optional.empty(), Optional.empty(), Optional.empty());
  }

  private Ran runCommand(Stage stage, Options options, Upstream upstream) throws IOException {
    checkDirectory(stage);
    checkOutputs(stage);
    boolean known = !options.force() && !upstream.isAny();
    Optional<StageRestore.Found> before =
        known ? restore.find(stage, options.runCache()) : Optional.empty();
    if (before.isPresent()) {
      say(
          options,
          "Stage '%s' is cached - skipping run, checking out outputs"
              .formatted(stage.id().addressing(session.from())));
      if (!options.dry()) {
        restore.apply(stage, before.get());
        return new Ran(Optional.empty(), Optional.empty(), before);
      }
    }
    Optional<StageRecorder.Inputs> inputs = Optional.empty();
    if (!options.dry()) {
      if (known) {
        inputs = Optional.of(stages.inputs(stage)); // what it depends on must be there
      }
      clear(stage);
    }
    say(options, "Running stage '%s':".formatted(stage.id().addressing(session.from())));
    if (options.dry()) {
      CommandRun.commands(stage).forEach(command -> say(options, "> " + command));
      return Ran.NOT;
    }
    return new Ran(inputs, commands.run(stage, options, upstream), Optional.empty());
  }

  private void say(Options options, String line) {
    session.call().out(options.shown(line));
  }

  private void checkDirectory(Stage stage) throws IOException {
    if (!Passages.isDirectory(session.project().root().resolve(stage.workingDirectory()))) {
      throw new CommandFailure(
          "stage working dir '%s' does not exist".formatted(stage.workingDirectory()),
          "make it first",
          CommandFailure.OTHER);
    }
  }

  private void checkOutputs(Stage stage) throws CommandFailure {
    for (Out out : stage.outs()) {
      if (out.cached() && !out.place().isInProject()) {
        throw new CommandFailure(
            "output '%s' is outside of the project, and cannot be cached"
                .formatted(session.shown(out)),
            "let the stage write into the project, or add to the output: cache: false",
            CommandFailure.OTHER);
      }
    }
  }

  /** Takes the outputs away; what persists stays, as files that may be written. */
  private void clear(Stage stage) throws IOException {
    for (Out out : stage.outs()) {
      Path place = session.files().place(out);
      if (!out.persist()) {
        if (!session.files().shownOutputs().takeAway(place)) {
          Checkout.remove(place);
        }
      } else if (Files.exists(place) && out.cached()) {
        StageRestore.unprotect(session, place);
      }
    }
  }

  private void verify(Stage stage, Options options) throws IOException {
    String name = stage.id().addressing(session.from());
    say(
        options,
        stage.frozen()
            ? "Verifying outputs in frozen stage: '%s'".formatted(name)
            : "Verifying data sources in stage: '%s'".formatted(name));
    if (options.dry()) {
      return;
    }
    List<String> missing = new ArrayList<>();
    for (Out out : stage.outs()) {
      if (session.files().isAbsent(out)) {
        missing.add(session.shown(out));
      }
    }
    if (!missing.isEmpty()) {
      throw new CommandFailure(
          "missing data '%s': %s"
              .formatted(missing.size() == 1 ? "source" : "sources", String.join(", ", missing)),
          "bring it here first: dvc pull",
          CommandFailure.OTHER);
    }
  }

  private void record(Stage declared, Options options, Ran ran) throws IOException {
    if (!declared.isPipeline()) {
      for (Out out : declared.outs()) {
        recorder.write(declared, out, recorder.take(out));
      }
      return;
    }
    Stage stage =
        ran.recorded().isPresent()
            ? records.judge(declared, ran.recorded().get(), options)
            : declared;
    StageRecorder.Inputs inputs = stages.inputs(stage);
    if (ran.before().isPresent()) {
      checkUntouched(stage, ran.before().get(), inputs, options);
    }
    Optional<StageRestore.Found> restored = ran.restored();
    Map<String, Output> shown = restored.map(StageRestore.Found::shown).orElse(Map.of());
    LockEntry entry = stages.entry(stage, inputs, stages.outputs(stage, shown));
    boolean onlyInGit =
        stage.outs().stream().anyMatch(out -> !out.cached() && !out.isMetric() && !out.isPlot());
    stages.write(stage, entry);
    if (restored.isPresent()) {
      restore.show(stage, restored.get());
    }
    Optional<RecordedInputs.Inputs> taken = records.keep(stage, ran.recorded(), restored);
    if (options.commit() && !onlyInGit) {
      stages.remember(stage, entry);
      if (taken.isPresent()) {
        records.remember(stage, entry, taken.get());
      }
    }
  }

  /**
   * Tells of what a stage depends on and changed itself. DVC records what it left, and says
   * nothing; so it is a failure only if that was asked for.
   */
  private void checkUntouched(
      Stage stage, StageRecorder.Inputs before, StageRecorder.Inputs after, Options options)
      throws CommandFailure {
    List<String> touched = new ArrayList<>();
    for (int i = 0; i < before.dependencies().size(); i++) {
      Map<String, @Nullable Object> was = before.dependencies().get(i);
      if (!was.equals(after.dependencies().get(i))) {
        touched.add(String.valueOf(was.get("path")));
      }
    }
    before
        .parameters()
        .forEach(
            (file, values) -> {
              if (!values.equals(after.parameters().get(file))) {
                touched.add(file);
              }
            });
    if (touched.isEmpty()) {
      return;
    }
    String message =
        "stage '%s' changed what it depends on while it ran: %s"
            .formatted(stage.id().addressing(session.from()), String.join(", ", touched));
    if (options.strict()) {
      throw new CommandFailure(
          message, "let it write elsewhere, or take the dependency out", CommandFailure.OTHER);
    }
    session.call().warn("WARNING: " + message + ". What it left there is recorded.");
  }
}
