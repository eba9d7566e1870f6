package io.revfs.command.repro;

import io.revfs.command.CommandFailure;
import io.revfs.command.explain.RecordedInputs;
import io.revfs.command.explain.RecordedInputs.Inputs;
import io.revfs.command.explain.StageChanges;
import io.revfs.command.record.StageRecorder;
import io.revfs.command.tracking.Session;
import io.revfs.dvc.DvcFormatException;
import io.revfs.dvc.Output;
import io.revfs.dvc.lock.DvcLock;
import io.revfs.dvc.lock.LockEntry;
import io.revfs.dvc.lock.LockedStage;
import io.revfs.object.ObjectKey;
import io.revfs.stage.Out;
import io.revfs.stage.Stage;
import io.revfs.text.YamlDocument;
import io.revfs.workspace.Checkout;
import io.revfs.workspace.Wanted;
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

/**
 * Brings back what a stage made when it ran before with what it would run with now: out of {@code
 * dvc.lock}, or out of the history of runs. For one thread at a time.
 */
final class StageRestore {
  private final Session session;
  private final StageRecorder stages;
  private final StageChanges changes;
  private final Fetch fetch;

  /** Fetches what a stage's outputs are recorded to hold. */
  @FunctionalInterface
  interface Fetch {
    /** Fetches nothing. */
    Fetch NOTHING = (session, stage) -> false;

    /** Returns false if not all could be had. */
    boolean fetch(Session session, Stage stage) throws IOException;
  }

  StageRestore(Session session, StageRecorder stages, StageChanges changes, Fetch fetch) {
    this.session = session;
    this.fetch = fetch;
    this.stages = stages;
    this.changes = changes;
  }

  /**
   * A run that can be brought back.
   *
   * @param inputs what it took in, as far as that was recorded
   * @param shown the outputs that the attached working copy shows as soon as {@code dvc.lock} names
   *     them, by path: nothing of them is fetched
   */
  record Found(LockEntry run, Optional<Inputs> inputs, Map<String, Output> shown) {}

  /**
   * Returns the run that made what the stage would make now, if all of it can be had.
   *
   * @param history whether the history of runs is looked into
   */
  Optional<Found> find(Stage stage, boolean history) throws IOException {
    return find(stage, history, false);
  }

  private Optional<Found> find(Stage stage, boolean history, boolean asRecorded)
      throws IOException {
    if (!StageRecorder.isRepeatable(stage)) {
      return Optional.empty();
    }
    boolean recorded =
        (asRecorded || changes.areInputsRecorded(stage))
            && stage.outs().stream().allMatch(Out::isRecorded);
    if (recorded) {
      Optional<LockEntry> run = stages.recorded(stage).map(StageRestore::entry);
      return run.isEmpty() ? Optional.empty() : available(stage, run.get(), Optional.empty());
    }
    return history ? fromHistory(stage) : Optional.empty();
  }

  private Optional<Found> fromHistory(Stage stage) throws IOException {
    StageRecorder.Inputs inputs;
    try {
      inputs = stages.inputs(stage);
    } catch (CommandFailure e) {
      return Optional.empty(); // running it will say what is missing
    }
    List<Output> unknown =
        stage.outs().stream().map(out -> Output.unknown(out.place().written(), 0)).toList();
    String key = stages.entry(stage, inputs, unknown).runKey();
    List<LockEntry> runs = stages.history().runs(key).stream().map(StageRestore::entry).toList();
    Optional<RecordedInputs.Earlier> earlier = changes.recorded().firstAsNow(stage, runs);
    return earlier.isEmpty()
        ? Optional.empty()
        : available(stage, earlier.get().run(), earlier.get().inputs());
  }

  /** Returns a run if what it made is in the cache, or can be shown or fetched. */
  private Optional<Found> available(Stage stage, LockEntry run, Optional<Inputs> inputs)
      throws IOException {
    Map<String, Output> made = outputs(run);
    List<Out> missing = new ArrayList<>();
    Map<String, Output> shown = new LinkedHashMap<>();
    LazyLock lazy = new LazyLock(session, stage, run);
    for (Out out : stage.outs()) {
      Output output = made.get(out.place().written());
      if (output == null || output.key().isEmpty()) {
        return Optional.empty();
      }
      ObjectKey key = output.key().get();
      boolean cached = session.files().isCached(key);
      if (out.cached() && lazy.isShownLater(out, key, cached)) {
        shown.put(out.path(), output);
      } else if (!cached && !lazy.fetch(key)) {
        missing.add(out.with(output));
      }
    }
    boolean all = missing.isEmpty() || fetched(stage, missing);
    return all ? Optional.of(new Found(run, inputs, shown)) : Optional.empty();
  }

  private boolean fetched(Stage stage, List<Out> missing) throws IOException {
    if (!fetch.fetch(session, stage.withOuts(missing))) {
      return false;
    }
    for (Out out : missing) {
      if (!session.files().isCached(out.key().orElseThrow())) {
        return false; // no remote has it, which was told
      }
    }
    return true;
  }

  /**
   * Returns the objects that {@link #apply} would bring back, by their paths from the root.
   *
   * @param asRecorded whether its inputs will be as they are recorded, whatever they are now
   */
  Optional<Map<String, ObjectKey>> outputs(Stage stage, boolean history, boolean asRecorded)
      throws IOException {
    Optional<Found> found = find(stage, history, asRecorded);
    if (found.isEmpty()) {
      return Optional.empty();
    }
    Map<String, Output> made = outputs(found.get().run());
    Map<String, ObjectKey> objects = new LinkedHashMap<>();
    for (Out out : stage.outs()) {
      Output output = made.get(out.place().written());
      if (output != null && output.key().isPresent()) {
        objects.put(out.path(), output.key().get());
      }
    }
    return Optional.of(objects);
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

  /** Makes the stage's outputs what that run made, but for those that are shown later. */
  void apply(Stage stage, Found found) throws IOException {
    Map<String, Output> made = outputs(found.run());
    Checkout checkout = session.files().checkout();
    for (Out out : stage.outs()) {
      Output output = made.get(out.place().written());
      Optional<ObjectKey> key = output == null ? Optional.empty() : output.key();
      if (key.isPresent() && !found.shown().containsKey(out.path())) {
        Path place = session.files().place(out);
        Checkout.remove(place);
        boolean executable = java.util.Objects.requireNonNull(output).executable();
        checkout.apply(checkout.plan(new Wanted(place, key.get(), "", executable), false));
        if (!out.cached() && Files.exists(place)) {
          unprotect(session, place); // it is Git's, and a link to the cache would be in the way
        }
      }
    }
  }

  /** Shows what is to be shown, now that {@code dvc.lock} names it. */
  void show(Stage stage, Found found) throws IOException {
    for (Out out : stage.outs()) {
      if (found.shown().containsKey(out.path())) {
        session.files().shownOutputs().showAgain(session.files().place(out));
      }
    }
  }

  /** Makes the files at a place ones that may be written, no links to the cache. */
  static void unprotect(Session session, Path place) throws IOException {
    try (Stream<Path> files = Files.walk(place)) {
      for (Path file : files.filter(one -> !Files.isDirectory(one)).toList()) {
        session.workspace().linker().unprotect(file);
      }
    }
  }
}
