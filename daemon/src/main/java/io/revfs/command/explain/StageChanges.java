package io.revfs.command.explain;

import io.revfs.command.tracking.DepStatuses;
import io.revfs.command.tracking.Session;
import io.revfs.dvc.pipeline.StageCommand;
import io.revfs.stage.Dep;
import io.revfs.stage.Out;
import io.revfs.stage.ParamsDep;
import io.revfs.stage.Stage;
import io.revfs.workspace.OutStatus;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/** Says whether a stage must run again, and why. For one thread at a time. */
public final class StageChanges {
  private final Session session;
  private final DepStatuses sources;
  private final Differences differences;
  private final RecordedInputs recorded;

  /**
   * @param sources says how dependencies differ that are no files
   */
  public StageChanges(Session session, DepStatuses sources) {
    this.session = session;
    this.sources = sources;
    this.differences = new Differences(session);
    this.recorded = new RecordedInputs(session);
  }

  /** Returns what recorded runs took in. */
  public RecordedInputs recorded() {
    return recorded;
  }

  /** Is told of what differs, and says whether that is enough. */
  private interface Sink {
    /** A sink for which the first difference is enough. */
    Sink FIRST = found -> true;

    /** Takes what was found, which is worked out only if it is asked for. */
    boolean isEnough(Found found) throws IOException;
  }

  /** Works out what differs. */
  @FunctionalInterface
  private interface Found {
    List<Reason> reasons() throws IOException;
  }

  /**
   * Returns whether anything is other than it was recorded.
   *
   * @param allowMissing whether data that is only missing counts as unchanged
   * @param upstream the stages whose outputs it needs, as they are recorded now
   */
  public boolean isChanged(Stage stage, boolean allowMissing, List<Stage> upstream)
      throws IOException {
    return itself(stage, Sink.FIRST)
        || (!stage.frozen() && deps(stage, allowMissing, upstream, dep -> true, Sink.FIRST))
        || outs(stage, allowMissing, Sink.FIRST);
  }

  /** Returns whether what a stage depends on is as it was recorded. */
  public boolean areInputsRecorded(Stage stage) throws IOException {
    return !itself(stage, Sink.FIRST) && !deps(stage, false, List.of(), dep -> true, Sink.FIRST);
  }

  /**
   * Returns whether a stage runs whatever comes of the dependencies that are not known yet.
   *
   * @param known which dependencies are there
   */
  public boolean mustRun(Stage stage, Predicate<Dep> known) throws IOException {
    return !stage.isLocked()
        || itself(stage, Sink.FIRST)
        || deps(stage, false, List.of(), known, Sink.FIRST);
  }

  /**
   * Returns all that is other than it was recorded.
   *
   * @param known which dependencies are looked at; others are not there yet
   */
  public List<Reason> reasons(
      Stage stage, boolean allowMissing, List<Stage> upstream, Predicate<Dep> known)
      throws IOException {
    List<Reason> reasons = new ArrayList<>();
    Sink all =
        found -> {
          reasons.addAll(found.reasons());
          return false;
        };
    if (!stage.isLocked() && isChanged(stage, allowMissing, upstream)) {
      return List.of(new Reason(Reason.Kind.NEVER_RUN, "", null, null, "it was never run"));
    }
    boolean unused = itself(stage, all);
    if (!stage.frozen()) {
      unused = deps(stage, allowMissing, upstream, known, all);
    }
    unused = outs(stage, allowMissing, all);
    return List.copyOf(reasons);
  }

  private boolean itself(Stage stage, Sink sink) throws IOException {
    if (stage.isPipeline()) {
      return stage.isCommandChanged() && sink.isEnough(() -> List.of(command(stage)));
    }
    return sources.isChecksumChanged(session.project(), stage)
        && sink.isEnough(
            () ->
                List.of(
                    new Reason(
                        Reason.Kind.CHECKSUM,
                        "",
                        stage.details().checksum().orElse(null),
                        null,
                        "the file says other than its checksum")));
  }

  private static Reason command(Stage stage) {
    return new Reason(
        Reason.Kind.COMMAND,
        "",
        stage.lockedCommand().map(StageCommand::value).orElse(null),
        stage.command().map(StageCommand::value).orElse(null),
        "");
  }

  private boolean deps(
      Stage stage, boolean allowMissing, List<Stage> upstream, Predicate<Dep> known, Sink sink)
      throws IOException {
    if ((stage.isCallback() || stage.alwaysChanged())
        && sink.isEnough(() -> List.of(always(stage)))) {
      return true;
    }
    for (Dep dep : stage.deps()) {
      if (known.test(dep) && dep(stage, dep, allowMissing, upstream, sink)) {
        return true;
      }
    }
    for (ParamsDep params : stage.params()) {
      Optional<Object> changed = sources.of(session.call(), session.project(), stage, params);
      if (changed.isPresent()
          && sink.isEnough(() -> differences.parameters(params, changed.get()))) {
        return true;
      }
    }
    List<Reason> undeclared = recorded.changes(stage, sink == Sink.FIRST);
    return !undeclared.isEmpty() && sink.isEnough(() -> undeclared);
  }

  private static Reason always(Stage stage) {
    return new Reason(
        Reason.Kind.ALWAYS,
        "",
        null,
        null,
        stage.alwaysChanged()
            ? "always_changed is set"
            : "it neither depends on anything nor makes anything");
  }

  private boolean dep(Stage stage, Dep dep, boolean allowMissing, List<Stage> upstream, Sink sink)
      throws IOException {
    if (dep.isFromRepository() || !dep.place().isLocal()) {
      Optional<Map.Entry<String, String>> status = sources.of(session, stage, dep);
      return status.isPresent()
          && sink.isEnough(() -> List.of(differences.elsewhere(dep, status.get())));
    }
    Optional<OutStatus> status = session.files().status(dep);
    boolean forgiven =
        allowMissing
            && status.equals(Optional.of(OutStatus.DELETED))
            && upstream.stream()
                .flatMap(one -> one.outs().stream())
                .noneMatch(out -> out.path().equals(dep.path()) && !out.key().equals(dep.key()));
    return status.isPresent()
        && !forgiven
        && sink.isEnough(() -> differences.dependency(dep, status.get()));
  }

  private boolean outs(Stage stage, boolean allowMissing, Sink sink) throws IOException {
    for (Out out : stage.outs()) {
      Optional<OutStatus> status = session.files().status(out);
      boolean missing =
          status.equals(Optional.of(OutStatus.NOT_IN_CACHE))
              || status.equals(Optional.of(OutStatus.DELETED));
      if (status.isPresent()
          && !(allowMissing && missing)
          && sink.isEnough(() -> differences.output(out, status.get()))) {
        return true;
      }
    }
    return false;
  }
}
