package io.revfs.command.repro;

import com.fasterxml.jackson.databind.JsonNode;
import io.revfs.command.CommandFailure;
import io.revfs.command.Invocation;
import io.revfs.command.record.Recorder;
import io.revfs.command.record.StageRecorder;
import io.revfs.command.tracking.Session;
import io.revfs.dvc.DvcFormatException;
import io.revfs.dvc.DvcLock;
import io.revfs.dvc.LockEntry;
import io.revfs.dvc.LockedStage;
import io.revfs.dvc.Output;
import io.revfs.object.ObjectKey;
import io.revfs.project.LockedException;
import io.revfs.project.PathLocks;
import io.revfs.stage.Dep;
import io.revfs.stage.Out;
import io.revfs.stage.Stage;
import io.revfs.text.YamlDocument;
import io.revfs.workspace.Checkout;
import io.revfs.workspace.Wanted;
import java.io.Closeable;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Runs one stage, or brings back what it made when it ran before. For one thread. */
final class StageRun {
  private final Session session;
  private final Recorder recorder;
  private final StageRecorder stages;
  private final StageChanges changes;
  private final ProjectHold hold;

  StageRun(
      Session session,
      Recorder recorder,
      StageRecorder stages,
      StageChanges changes,
      ProjectHold hold) {
    this.session = session;
    this.recorder = recorder;
    this.stages = stages;
    this.changes = changes;
    this.hold = hold;
  }

  /** How stages are run. */
  record Options(boolean force, boolean dry, boolean commit, boolean runCache) {
    static Options of(Invocation call, boolean force) {
      return new Options(
          force, call.flag("dry"), !call.flag("no-commit"), !call.flag("no-run-cache"));
    }
  }

  /** Runs it, and records what came of it. */
  void run(Stage stage, Options options) throws IOException {
    try (Closeable paths = options.dry() ? () -> {} : lock(stage)) {
      if (stage.command().isPresent() && !stage.frozen()) {
        runCommand(stage, options);
      } else {
        verify(stage, options);
      }
      if (!options.dry()) {
        record(stage, options);
      }
    }
  }

  private Closeable lock(Stage stage) throws IOException {
    Path root = session.project().root();
    List<Path> reads = new ArrayList<>();
    for (Dep dep : stage.deps()) {
      if (dep.place().isLocal()) {
        reads.add(dep.place().file(root));
      }
    }
    stage.params().forEach(params -> reads.add(params.place().file(root)));
    List<Path> writes = new ArrayList<>();
    for (Out out : stage.outs()) {
      if (out.place().isLocal()) {
        writes.add(out.place().file(root));
      }
    }
    try {
      return new PathLocks(session.project(), session.call()::warn)
          .take("dvc repro", reads, writes);
    } catch (LockedException e) {
      throw new CommandFailure(
          String.valueOf(e.getMessage()), e.whatToDo(), CommandFailure.OTHER, e);
    }
  }

  private void runCommand(Stage stage, Options options) throws IOException {
    checkDirectory(stage);
    Optional<LockEntry> before = options.force() ? Optional.empty() : restorable(stage, options);
    if (before.isPresent()) {
      session
          .call()
          .out(
              "Stage '%s' is cached - skipping run, checking out outputs"
                  .formatted(stage.id().addressing(session.from())));
      if (!options.dry()) {
        clear(stage);
        bringBack(stage, before.get());
        return;
      }
    }
    if (!options.dry()) {
      if (!options.force()) {
        var unused = stages.inputs(stage); // what it depends on must be there
      }
      clear(stage);
    }
    execute(stage, options.dry());
  }

  private void checkDirectory(Stage stage) throws CommandFailure {
    if (!Files.isDirectory(session.project().root().resolve(stage.workingDirectory()))) {
      throw new CommandFailure(
          "stage working dir '%s' does not exist".formatted(stage.workingDirectory()),
          "make it first",
          CommandFailure.OTHER);
    }
  }

  /** Takes the outputs away; what persists stays, as files that may be written. */
  private void clear(Stage stage) throws IOException {
    for (Out out : stage.outs()) {
      Path place = session.files().place(out);
      if (!out.persist()) {
        Checkout.remove(place);
      } else if (Files.exists(place) && out.cached()) {
        try (Stream<Path> files = Files.walk(place)) {
          for (Path file : files.filter(one -> !Files.isDirectory(one)).toList()) {
            session.workspace().linker().unprotect(file);
          }
        }
      }
    }
  }

  /** Returns the run that made what the stage would make now, if the cache has all of it. */
  private Optional<LockEntry> restorable(Stage stage, Options options) throws IOException {
    if (!StageRecorder.isRepeatable(stage)) {
      return Optional.empty();
    }
    Optional<LockEntry> run = Optional.empty();
    boolean recorded =
        changes.areInputsRecorded(stage) && stage.outs().stream().allMatch(Out::isRecorded);
    if (recorded) {
      run = stages.recorded(stage).map(StageRun::entry);
    } else if (options.runCache()) {
      run = fromHistory(stage);
    }
    if (run.isEmpty()) {
      return Optional.empty();
    }
    for (Output output : outputs(run.get()).values()) {
      if (output.key().isEmpty() || !session.files().isCached(output.key().get())) {
        return Optional.empty();
      }
    }
    return run;
  }

  private Optional<LockEntry> fromHistory(Stage stage) throws IOException {
    StageRecorder.Inputs inputs;
    try {
      inputs = stages.inputs(stage);
    } catch (CommandFailure e) {
      return Optional.empty(); // running it will say what is missing
    }
    List<Output> unknown =
        stage.outs().stream().map(out -> Output.unknown(out.place().written(), 0)).toList();
    String key = stages.entry(stage, inputs, unknown).runKey();
    return stages.history().newest(key).map(StageRun::entry);
  }

  private static LockEntry entry(Map<?, ?> map) {
    List<Map<String, @Nullable Object>> deps = maps(map.get("deps"));
    Map<String, Map<String, @Nullable Object>> params = new LinkedHashMap<>();
    map(map.get("params")).forEach((file, values) -> params.put(file, map(values)));
    Object command = map.get("cmd");
    return new LockEntry(command == null ? "" : command, deps, params, maps(map.get("outs")));
  }

  private static List<Map<String, @Nullable Object>> maps(@Nullable Object value) {
    List<Map<String, @Nullable Object>> maps = new ArrayList<>();
    if (value instanceof List<?> list) {
      list.forEach(item -> maps.add(map(item)));
    }
    return maps;
  }

  private static Map<String, @Nullable Object> map(@Nullable Object value) {
    Map<String, @Nullable Object> copy = new LinkedHashMap<>();
    if (value instanceof Map<?, ?> map) {
      map.forEach((key, of) -> copy.put(String.valueOf(key), of));
    }
    return copy;
  }

  /** Returns what a run made, by path. */
  private static Map<String, Output> outputs(LockEntry run) throws DvcFormatException {
    Map<String, Object> stages = Map.of("run", run.toMap());
    String text = YamlDocument.write(Map.of("schema", "2.0", "stages", stages));
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    Map<String, Output> outputs = new LinkedHashMap<>();
    for (LockedStage stage : DvcLock.parse("a run", bytes).stages().values()) {
      stage.outputs().forEach(output -> outputs.put(output.path(), output));
    }
    return outputs;
  }

  private void bringBack(Stage stage, LockEntry run) throws IOException {
    Map<String, Output> made = outputs(run);
    Checkout checkout = session.files().checkout();
    for (Out out : stage.outs()) {
      Output output = made.get(out.place().written());
      Optional<ObjectKey> key = output == null ? Optional.empty() : output.key();
      if (key.isPresent()) {
        Path place = session.files().place(out);
        boolean executable = java.util.Objects.requireNonNull(output).executable();
        checkout.apply(checkout.plan(new Wanted(place, key.get(), "", executable), false));
        if (!out.cached()) {
          unprotect(place); // it is Git's, and a link to the cache would be in the way
        }
      }
    }
  }

  private void unprotect(Path place) throws IOException {
    try (Stream<Path> files = Files.walk(place)) {
      for (Path file : files.filter(one -> !Files.isDirectory(one)).toList()) {
        session.workspace().linker().unprotect(file);
      }
    }
  }

  private void execute(Stage stage, boolean dry) throws IOException {
    String name = stage.id().addressing(session.from());
    session.call().out("Running stage '%s':".formatted(name));
    for (String line : lines(stage)) {
      session.call().out("> " + line);
      if (!dry) {
        execute(stage, name, line);
      }
    }
  }

  /** A text of several lines is several commands. */
  private static List<String> lines(Stage stage) {
    return stage.command().orElseThrow().list()
        ? stage.command().orElseThrow().lines()
        : stage.command().orElseThrow().lines().getFirst().lines().toList();
  }

  private void execute(Stage stage, String name, String command) throws IOException {
    Map<String, Object> run = new LinkedHashMap<>();
    run.put("command", command);
    run.put("directory", session.project().root().resolve(stage.workingDirectory()).toString());
    Map<String, String> environment = new LinkedHashMap<>();
    environment.put("DVC_ROOT", session.project().root().toString());
    environment.put("DVC_STAGE", name);
    environment.putAll(session.call().runVariables());
    run.put("environment", environment);
    JsonNode answer;
    try (Closeable free = hold.pause()) {
      answer = session.call().request("run", run);
    }
    if (!answer.isNumber()) {
      throw new CommandFailure(
          "the command of '%s' was not run".formatted(name),
          "nobody was there to run it",
          CommandFailure.OTHER);
    }
    if (answer.asInt() != 0) {
      throw new CommandFailure(
          "failed to run: %s, exited with %d".formatted(command, answer.asInt()),
          "mend what it says above, then run repro again",
          CommandFailure.OTHER);
    }
  }

  private void verify(Stage stage, Options options) throws IOException {
    String name = stage.id().addressing(session.from());
    session
        .call()
        .out(
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

  private void record(Stage stage, Options options) throws IOException {
    if (!stage.isPipeline()) {
      for (Out out : stage.outs()) {
        recorder.write(stage, out, recorder.take(out));
      }
      return;
    }
    LockEntry entry = stages.entry(stage, stages.inputs(stage), stages.outputs(stage));
    boolean onlyInGit =
        stage.outs().stream().anyMatch(out -> !out.cached() && !out.isMetric() && !out.isPlot());
    stages.write(stage, entry);
    if (options.commit() && !onlyInGit) {
      stages.remember(stage, entry);
    }
  }
}
