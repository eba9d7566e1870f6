package io.revfs.command.record;

import io.revfs.command.CommandFailure;
import io.revfs.command.tracking.Session;
import io.revfs.dvc.DvcFormatException;
import io.revfs.dvc.Output;
import io.revfs.dvc.lock.LockEntry;
import io.revfs.dvc.lock.LockFileWriter;
import io.revfs.metric.KeyPaths;
import io.revfs.metric.ValueFiles;
import io.revfs.object.Digest;
import io.revfs.object.ObjectKey;
import io.revfs.pipeline.RunHistory;
import io.revfs.reach.Passages;
import io.revfs.stage.Dep;
import io.revfs.stage.Out;
import io.revfs.stage.ParamsDep;
import io.revfs.stage.Place;
import io.revfs.stage.Stage;
import io.revfs.workspace.Contents;
import io.revfs.workspace.OutFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Records stages of {@code dvc.yaml}: what they depend on and what they made goes into {@code
 * dvc.lock} and the history of runs; the bytes of outputs are in the cache before. For one thread.
 */
public final class StageRecorder {
  private final Session session;
  private final Recorder recorder;
  private final StoreStates stores;
  private final RunHistory history;

  /** What outputs became that were recorded since the stages were read, by path. */
  private final Map<String, Output> made = new HashMap<>();

  /** Lock files that were read or written, by their paths. */
  private final Map<String, Known> locks = new HashMap<>();

  private record Known(byte[] content, LockFileWriter lock) {}

  /** {@code recorder} takes the outputs. */
  public StageRecorder(Session session, Recorder recorder, StoreStates stores) {
    this.session = session;
    this.recorder = recorder;
    this.stores = stores;
    this.history =
        new RunHistory(session.workspace().store(), session.call().umask(), session.call()::warn);
  }

  /** What a stage depends on at one time, as dvc.lock has it. */
  public record Inputs(
      List<Map<String, @Nullable Object>> dependencies,
      Map<String, Map<String, @Nullable Object>> parameters) {}

  /** Returns the history of runs. */
  public RunHistory history() {
    return history;
  }

  /**
   * Returns what a stage depends on now.
   *
   * @throws CommandFailure if any of it is not there
   */
  public Inputs inputs(Stage stage) throws IOException {
    List<Map<String, @Nullable Object>> dependencies = new ArrayList<>();
    for (Dep dep : stage.deps()) {
      dependencies.add(dependency(stage, dep));
    }
    Map<String, Map<String, @Nullable Object>> parameters = new LinkedHashMap<>();
    for (ParamsDep params : stage.params()) {
      parameters
          .computeIfAbsent(params.place().written(), file -> new LinkedHashMap<>())
          .putAll(values(params));
    }
    return new Inputs(dependencies, parameters);
  }

  private Map<String, @Nullable Object> dependency(Stage stage, Dep dep) throws IOException {
    if (!dep.place().isLocal()) {
      Map<String, @Nullable Object> entry = new LinkedHashMap<>();
      entry.put("path", dep.place().written());
      if (dep.place().kind() != Place.Kind.DATASET) {
        entry.put("hash", "md5");
      }
      entry.putAll(stores.of(session, stage, dep));
      return entry;
    }
    Path place = dep.place().file(session.project().root());
    Optional<Output> shown = shown(place, dep.path());
    if (shown.isPresent()) {
      return LockEntry.of(plain(dep.place().written(), shown.get()));
    }
    boolean legacy =
        dep.key().filter(k -> k.digest().algorithm() == Digest.Algorithm.MD5_DOS2UNIX).isPresent()
            && session.files().status(dep).isEmpty();
    Optional<Contents> contents =
        session
            .files()
            .contents(place, legacy ? Digest.Algorithm.MD5_DOS2UNIX : Digest.Algorithm.MD5);
    if (contents.isEmpty()) {
      throw new CommandFailure(
          "dependency '%s' does not exist".formatted(dep.place().shown(session.from())),
          "make it, or correct its path in dvc.yaml",
          CommandFailure.OTHER);
    }
    Output known = Output.unknown(dep.place().written(), 0);
    return LockEntry.of(OutFiles.recorded(known, contents.get()));
  }

  /** Returns an output that is only shown as it is recorded: to read it would be to fetch it. */
  private Optional<Output> shown(Path place, String path) throws IOException {
    Optional<ObjectKey> key = session.files().shown(place);
    if (key.isEmpty() || key.get().digest().algorithm() != Digest.Algorithm.MD5) {
      return Optional.empty();
    }
    Output known = made.get(path);
    Optional<Output> recorded =
        known == null ? session.index().outAt(path).map(Out::recorded) : Optional.of(known);
    return recorded.filter(output -> output.key().equals(key) && output.size().isPresent());
  }

  /** Returns what a dependency on an output has of it. */
  private static Output plain(String written, Output output) {
    return new Output(
        written,
        output.key(),
        output.size(),
        output.fileCount(),
        output.executable(),
        true,
        Optional.empty(),
        true,
        List.of(),
        Map.of(),
        0);
  }

  private Map<String, @Nullable Object> values(ParamsDep params) throws IOException {
    Path file = params.place().file(session.project().root());
    String shown = params.place().shown(session.from());
    if (!Passages.exists(file)) {
      throw new CommandFailure(
          "dependency '%s' does not exist".formatted(shown),
          "make it, or correct its path in dvc.yaml",
          CommandFailure.OTHER);
    }
    Map<String, @Nullable Object> all;
    try {
      all = ValueFiles.parameters(params.place().path(), Passages.readAllBytes(file));
    } catch (DvcFormatException e) {
      throw new CommandFailure(
          "Unable to read parameters from '%s': %s".formatted(shown, e.getMessage()),
          "mend the file",
          CommandFailure.OTHER,
          e);
    }
    if (params.isWholeFile()) {
      return all;
    }
    Map<String, @Nullable Object> values = new LinkedHashMap<>();
    TreeSet<String> missing = new TreeSet<>();
    for (String key : params.keys()) {
      Optional<KeyPaths.Found> found = KeyPaths.get(all, key);
      if (found.isEmpty()) {
        missing.add(key);
      } else {
        values.put(key, found.get().value());
      }
    }
    if (!missing.isEmpty()) {
      throw new CommandFailure(
          "Parameters '%s' are missing from '%s'.".formatted(String.join(", ", missing), shown),
          "add them there, or take them out of dvc.yaml",
          CommandFailure.OTHER);
    }
    return values;
  }

  /**
   * Returns what a stage's outputs hold, taken into the cache as far as they are cached.
   *
   * @throws CommandFailure if one is not there
   */
  public List<Output> outputs(Stage stage) throws IOException {
    return outputs(stage, Map.of());
  }

  /**
   * As {@link #outputs(Stage)}, some of which are known, by path, and are not looked at.
   *
   * @throws CommandFailure if one is not there
   */
  public List<Output> outputs(Stage stage, Map<String, Output> known) throws IOException {
    List<Output> outputs = new ArrayList<>();
    for (Out out : stage.outs()) {
      Output given = known.get(out.path());
      Output now = given == null ? recorder.take(out) : given;
      made.put(out.path(), now);
      if (now.size().orElse(1) == 0 && now.fileCount().orElse(0) == 0) {
        session.call().warn("WARNING: '%s' is empty.".formatted(session.shown(out)));
      }
      recorder.ignore(out);
      outputs.add(now);
    }
    return outputs;
  }

  /** Returns the stage as dvc.lock has it. */
  public LockEntry entry(Stage stage, Inputs inputs, List<Output> outputs) {
    return new LockEntry(
        stage.command().orElseThrow().value(),
        inputs.dependencies(),
        inputs.parameters(),
        outputs.stream().map(LockEntry::of).toList());
  }

  /** Returns what dvc.lock has of a stage. */
  public Optional<Map<?, ?>> recorded(Stage stage) throws IOException {
    Object entry = lock(stage).stage(stage.id().name());
    return entry instanceof Map<?, ?> map ? Optional.of(map) : Optional.empty();
  }

  /** Reads the lock file, unless it is as it was when it was read or written last. */
  private LockFileWriter lock(Stage stage) throws IOException {
    Path file = session.project().root().resolve(stage.lockFile());
    Optional<byte[]> content =
        Files.exists(file) ? Optional.of(Files.readAllBytes(file)) : Optional.empty();
    Known known = locks.get(stage.lockFile());
    if (known != null && content.isPresent() && Arrays.equals(known.content(), content.get())) {
      return known.lock();
    }
    LockFileWriter lock = LockFileWriter.of(stage.lockFile(), content);
    content.ifPresent(bytes -> locks.put(stage.lockFile(), new Known(bytes, lock)));
    return lock;
  }

  /** Writes a stage to dvc.lock, and says so if that changes. */
  public void write(Stage stage, LockEntry entry) throws IOException {
    Path file = session.project().root().resolve(stage.lockFile());
    boolean isNew = !Files.exists(file);
    LockFileWriter lock = lock(stage);
    lock.put(stage.id().name(), entry);
    if (!lock.isChanged()) {
      return;
    }
    if (isNew) {
      session.call().out("Generating lock file '%s'".formatted(session.shown(file)));
    }
    session.call().out("Updating lock file '%s'".formatted(session.shown(file)));
    byte[] content = lock.toBytes();
    locks.remove(stage.lockFile()); // it has what the file gets only if that can be written
    recorder.write(file, content);
    locks.put(stage.lockFile(), new Known(content, lock));
  }

  /** Remembers a run, if it is one that may be repeated from memory. */
  public void remember(Stage stage, LockEntry entry) throws IOException {
    if (!isRepeatable(stage)) {
      return;
    }
    for (Out out : stage.outs()) {
      if (!out.cached()) {
        Digest.Algorithm algorithm = algorithm(entry, out);
        var unused = session.files().store(session.files().place(out), algorithm, false);
      }
    }
    history.save(entry);
  }

  /** What DVC 2 recorded is stored as DVC 2 does as long as it does not change. */
  private static Digest.Algorithm algorithm(LockEntry entry, Out out) {
    boolean legacy =
        entry.outputs().stream()
            .filter(one -> out.place().written().equals(one.get("path")))
            .noneMatch(one -> one.containsKey("hash"));
    return legacy ? Digest.Algorithm.MD5_DOS2UNIX : Digest.Algorithm.MD5;
  }

  /** Returns whether what a stage makes depends on nothing but what it says. */
  public static boolean isRepeatable(Stage stage) {
    boolean hasBoth =
        !stage.outs().isEmpty() && !(stage.deps().isEmpty() && stage.params().isEmpty());
    return hasBoth
        && stage.command().isPresent()
        && !stage.alwaysChanged()
        && stage.deps().stream().allMatch(dep -> dep.place().isLocal())
        && stage.outs().stream().allMatch(out -> out.place().isInProject() && !out.persist());
  }
}
