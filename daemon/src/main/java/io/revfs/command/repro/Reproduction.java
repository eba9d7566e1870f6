package io.revfs.command.repro;

import io.revfs.command.CommandFailure;
import io.revfs.command.Invocation;
import io.revfs.command.explain.Explanation;
import io.revfs.command.explain.Reason;
import io.revfs.command.explain.StageChanges;
import io.revfs.command.record.Recorder;
import io.revfs.command.record.StageRecorder;
import io.revfs.command.repro.RunningStages.Ended;
import io.revfs.command.tracking.Session;
import io.revfs.reach.Passages;
import io.revfs.stage.Dep;
import io.revfs.stage.Out;
import io.revfs.stage.Stage;
import io.revfs.stage.StageId;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * One call of {@code repro}: decides for each stage in its turn whether it runs, and lets up to so
 * many run at once. Where another queues them, a stage that runs in any case is handed over before
 * what it needs has ended. For one thread, which has the turn of the hold.
 */
final class Reproduction {
  /** The most stages at once. */
  static final int MOST_JOBS = 1024;

  private static final int SKIPPED_AT_ONCE = 200;

  private final Session session;
  private final Invocation call;
  private final ReproCommand.Pulls pulls;
  private final Recorder recorder;
  private final StageChanges changes;
  private final RunningStages running;
  private final boolean queued;
  private final StageRun.Recording recording;
  private final int jobs;
  private final Map<StageId, IOException> failed = new LinkedHashMap<>();
  private final Set<StageId> forced = new HashSet<>();
  private final List<String> skipped = new ArrayList<>();
  private final boolean allowMissing;
  private final boolean explained;
  private final boolean pulled;
  private int done;

  Reproduction(
      Session session, ProjectHold hold, StageChanges changes, ReproCommand.Helpers helpers)
      throws IOException {
    this.session = session;
    this.call = session.call();
    this.pulls = helpers.pulls();
    this.changes = changes;
    this.recorder = new Recorder(session, !call.flag("no-commit"), true);
    StageRecorder stages = new StageRecorder(session, recorder, helpers.stores());
    StageRun runs = new StageRun(session, recorder, stages, changes, hold, helpers);
    this.running = new RunningStages(session, hold, runs);
    this.queued = isQueued(call);
    this.allowMissing = call.flag("allow-missing");
    this.explained = call.flag("explain");
    this.pulled = call.flag("pull");
    this.recording = StageRun.Recording.of(call, helpers.tracing().isAttached(session));
    this.jobs = call.flag("dry") ? 1 : (int) call.number("jobs").orElse(queued ? MOST_JOBS : 1);
  }

  /** Returns whether something else than we decides when a stage begins. */
  static boolean isQueued(Invocation call) {
    return call.value("executor").filter("slurm"::equals).isPresent();
  }

  void run(ReproOrder order) throws IOException {
    StageQueue queue = new StageQueue(order);
    try {
      runAll(order, queue);
    } finally {
      tellSkipped();
      running.stop();
      tellGit();
    }
    if (!failed.isEmpty() && !call.flag("ignore-errors")) {
      throw failure();
    }
    call.out(
        done == 0
            ? "Data and pipelines are up to date."
            : "Use `dvc push` to send your updates to remote storage.");
  }

  private void tellGit() throws IOException {
    boolean interrupted = Thread.interrupted(); // the files are written, Git is to know
    try {
      recorder.tellGit();
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private CommandFailure failure() {
    String names =
        failed.keySet().stream().map(id -> "'" + named(id) + "'").collect(Collectors.joining(", "));
    if (call.flag("keep-going") || failed.size() > 1) {
      return new CommandFailure(
          "failed to reproduce%s %s".formatted(failed.size() > 1 ? " stages:" : "", names),
          "see above what went wrong",
          CommandFailure.OTHER);
    }
    IOException cause = failed.values().iterator().next();
    return new CommandFailure(
        "failed to reproduce %s: %s".formatted(names, cause.getMessage()),
        cause instanceof CommandFailure failure ? failure.whatToDo() : "",
        CommandFailure.OTHER,
        cause);
  }

  private String named(StageId id) {
    return id.addressing(session.from());
  }

  private boolean goesOn() {
    return failed.isEmpty() || call.flag("keep-going") || call.flag("ignore-errors");
  }

  private void runAll(ReproOrder order, StageQueue queue) throws IOException {
    while (true) {
      Invocation.checkInterrupted();
      boolean more = goesOn() && running.size() < jobs;
      Optional<Stage> next =
          more ? queue.take(stage -> running.isFree(stage, List.of())) : Optional.empty();
      if (next.isPresent()) {
        begin(order, queue, next.get());
      } else if (!(more && beginEarly(order, queue))) {
        if (running.isEmpty()) {
          return;
        }
        tellSkipped();
        end(order, queue, running.await());
      }
    }
  }

  private void begin(ReproOrder order, StageQueue queue, Stage stage) throws IOException {
    boolean force = isForced(stage);
    try {
      if (!mustRun(order, stage, force)) {
        afterwards(order, stage, false, force);
        queue.done(stage);
        return;
      }
    } catch (InterruptedIOException e) {
      throw e;
    } catch (IOException e) {
      end(order, queue, new Ended(stage, force, Optional.of(e)));
      return;
    }
    if (jobs > 1) {
      running.start(stage, options(stage, force), Upstream.NONE);
    } else {
      end(order, queue, running.runHere(stage, StageRun.Options.of(call, force, recording, "")));
    }
  }

  private boolean isForced(Stage stage) {
    return call.flag("force") || forced.contains(stage.id());
  }

  private StageRun.Options options(Stage stage, boolean force) {
    return StageRun.Options.of(call, force, recording, named(stage.id()));
  }

  /** Hands over a stage that runs in any case, while what it needs still runs. */
  private boolean beginEarly(ReproOrder order, StageQueue queue) throws IOException {
    boolean decided =
        queued && !call.flag("dry") && !call.flag("ignore-errors") && !call.flag("pull");
    if (!decided || isAsked() || running.isEmpty()) {
      return false;
    }
    Optional<Stage> next = queue.takeEarly(running.ids(), stage -> isCertain(order, stage));
    if (next.isEmpty()) {
      return false;
    }
    Stage stage = next.get();
    running.start(stage, options(stage, isForced(stage)), running.upstream(order.upstream(stage)));
    return true;
  }

  private boolean isCertain(ReproOrder order, Stage stage) {
    List<Path> made = running.upstream(order.upstream(stage)).writes();
    boolean paramsMade =
        stage.params().stream()
            .map(params -> params.place().file(session.project().root()))
            .anyMatch(file -> made.stream().anyMatch(file::startsWith));
    if (stage.command().isEmpty() || stage.frozen() || paramsMade || !running.isFree(stage, made)) {
      return false;
    }
    try {
      return isForced(stage) || changes.mustRun(stage, dep -> !isMade(dep, made));
    } catch (IOException e) {
      return false; // when its time comes it says what is wrong
    }
  }

  private boolean isMade(Dep dep, List<Path> made) {
    if (!dep.place().isLocal()) {
      return false;
    }
    Path file = dep.place().file(session.project().root());
    return made.stream().anyMatch(path -> path.startsWith(file) || file.startsWith(path));
  }

  private void end(ReproOrder order, StageQueue queue, Ended end) throws IOException {
    Invocation.checkInterrupted(); // failures that come of it are none
    Stage stage = end.stage();
    if (end.failure().isEmpty()) {
      done++;
      call.ran(stage.id().toString());
      afterwards(order, stage, true, end.force());
      queue.done(stage);
      return;
    }
    switch (end.failure().get()) {
      case InterruptedIOException e -> throw e;
      case Upstream.FailedException e -> {} // told when that failed
      case IOException e -> fail(order, queue, stage, e);
    }
  }

  private void afterwards(ReproOrder order, Stage stage, boolean ran, boolean force) {
    if (call.flag("force-downstream") && (ran || force)) {
      forced.addAll(order.downstream(stage));
    }
  }

  private void fail(ReproOrder order, StageQueue queue, Stage stage, IOException e) {
    boolean ignore = call.flag("ignore-errors");
    failed.put(stage.id(), e);
    if (!ignore && !call.flag("keep-going")) {
      if (!running.isEmpty()) {
        call.warn(
            "WARNING: failed to reproduce '%s': %s; waiting for what runs: %s"
                .formatted(named(stage.id()), e.getMessage(), quoted(running.ids())));
      }
      return;
    }
    call.warn("WARNING: " + e.getMessage() + (ignore ? " (ignored)" : ""));
    if (ignore) {
      queue.done(stage);
      return;
    }
    Set<StageId> dependents = order.dependents(stage);
    queue.drop(dependents);
    if (!dependents.isEmpty()) {
      call.warn(
          "WARNING: %s %s will be skipped due to this failure"
              .formatted(dependents.size() > 1 ? "Stages" : "Stage", quoted(dependents)));
    }
  }

  private String quoted(Set<StageId> ids) {
    return ids.stream().map(id -> "'" + named(id) + "'").collect(Collectors.joining(" and "));
  }

  /** Decides whether a stage runs, and brings what is missing instead where that was asked for. */
  private boolean mustRun(ReproOrder order, Stage stage, boolean force) throws IOException {
    String name = named(stage.id());
    if (stage.frozen() && !stage.isImport()) {
      call.warn(
          "WARNING: stage: '%s' is frozen. Its dependencies are not going to be reproduced."
              .formatted(name));
    }
    boolean missing = allowMissing;
    List<Stage> upstream = missing || explained || pulled ? order.upstream(stage) : List.of();
    if (skipped.size() >= SKIPPED_AT_ONCE) {
      tellSkipped();
    }
    if (!force && !changes.isChanged(stage, missing, upstream)) {
      boolean data = !stage.isPipeline() && stage.command().isEmpty();
      skipped.add(
          (data ? "'%s' didn't change, skipping" : "Stage '%s' didn't change, skipping")
              .formatted(name));
      return false;
    }
    tellSkipped();
    boolean pull = pulled && !force && !call.flag("dry");
    if (pull && !changes.isChanged(stage, true, upstream)) {
      call.out("Pulling data for stage: '%s'".formatted(name));
      if (pulls.pull(session, List.of(stage))) {
        return false;
      }
      call.out("Unable to pull data for stage: '%s'".formatted(name));
    }
    if (explained) {
      explain(stage, force, upstream);
    }
    if (isAsked() && !call.ask("Going to reproduce '%s'. Are you sure?".formatted(name))) {
      throw new CommandFailure(
          "reproduction aborted by the user", "leave --interactive out", CommandFailure.OTHER);
    }
    if (pull) {
      pullMissing(stage);
    }
    return true;
  }

  /** Thousands of lines one by one would take longer than to find out what they say. */
  private void tellSkipped() {
    if (!skipped.isEmpty()) {
      call.out(String.join("\n", skipped));
      skipped.clear();
    }
  }

  private void explain(Stage stage, boolean force, List<Stage> upstream) throws IOException {
    List<Reason> reasons = new ArrayList<>();
    if (force) {
      reasons.add(new Reason(Reason.Kind.FORCED, "", null, null, "it was asked for"));
    }
    reasons.addAll(
        changes.reasons(stage, call.flag("allow-missing"), upstream, dependency -> true));
    Explanation why = new Explanation(named(stage.id()), Explanation.Decision.RUNS, reasons);
    call.out(String.join("\n", why.lines()));
  }

  /** Brings what a stage depends on and is not here. */
  private void pullMissing(Stage stage) throws IOException {
    Set<Stage> makers = new LinkedHashSet<>();
    for (Dep dep : stage.deps()) {
      boolean absent =
          dep.place().isLocal() && !Passages.exists(dep.place().file(session.project().root()));
      Optional<Out> out = absent ? session.index().outContaining(dep.path()) : Optional.empty();
      if (out.isPresent()) {
        makers.add(session.index().owner(out.get()));
      }
    }
    if (!makers.isEmpty() && !pulls.pull(session, List.copyOf(makers))) {
      call.out("Unable to pull what '%s' depends on".formatted(named(stage.id())));
    }
  }

  private boolean isAsked() {
    return call.flag("interactive") || session.project().isSet("core", "interactive", false);
  }
}
