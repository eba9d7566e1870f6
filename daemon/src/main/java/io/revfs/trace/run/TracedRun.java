package io.revfs.trace.run;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.revfs.fuse.FuseSession;
import io.revfs.fuse.MountTable;
import io.revfs.fuse.serve.FuseMounts;
import io.revfs.mount.KeptSessions;
import io.revfs.trace.Trace;
import io.revfs.trace.journal.EventLog;
import io.revfs.trace.recording.Recorder;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One run that is recorded: from before its command is started by {@link #launcher} until {@link
 * #end}. Thread-safe.
 */
public final class TracedRun implements Closeable {
  private static final Logger log = LoggerFactory.getLogger(TracedRun.class);
  private static final int FIRST_DESCRIPTOR = 9;

  /** The launcher where nothing is mounted: says which process it is, and becomes the command. */
  private static final String IN_PLACE = "echo $$ >\"$1\" && shift && exec \"$@\"";

  private static final long GRACE_SECONDS = 5;
  private static final long POLL_NANOSECONDS = TimeUnit.MICROSECONDS.toNanos(500);
  private static final long LONGEST_POLL_NANOSECONDS = TimeUnit.MILLISECONDS.toNanos(500);

  /** What has taken so long may take this part of that longer. */
  private static final long PATIENCE = 100;

  private final TracedRuns runs;
  private final Recorder recorder;
  private final EventLog events;
  private final Path directory;
  private final String id;
  private final List<RunSession> parts;
  private final String script;
  private final List<String> notRecorded;
  private final CompletableFuture<Boolean> served = new CompletableFuture<>();
  private volatile boolean over;

  /** Whether another process began it, which had to answer who asked for it. */
  private volatile boolean resumed;

  /** The mount that hears in place of sessions of its own. */
  private volatile SessionTrees.@Nullable Heard heard;

  private volatile String limits = "";

  @GuardedBy("this")
  private @Nullable Trace ended;

  /** The record is over; sessions go on for those whom the command has left behind. */
  @GuardedBy("this")
  private boolean closed;

  /** How many sessions have begun; the others' trees are to be closed. */
  private final AtomicInteger begun = new AtomicInteger();

  /** How many of them are over. */
  private final AtomicInteger gone = new AtomicInteger();

  /**
   * @param directory the run's own
   * @param script of the launcher
   * @param notRecorded mounts for which there is no room
   */
  TracedRun(
      TracedRuns runs,
      Recorder recorder,
      EventLog events,
      Path directory,
      String id,
      List<RunSession> parts,
      String script,
      List<String> notRecorded) {
    this.runs = runs;
    this.recorder = recorder;
    this.events = events;
    this.directory = directory;
    this.id = id;
    this.parts = List.copyOf(parts);
    this.script = script;
    this.notRecorded = List.copyOf(notRecorded);
  }

  /** Returns its name. */
  public String id() {
    return id;
  }

  /** Returns mounts of revisions that are not recorded, as there are too many. */
  public List<String> notRecorded() {
    return notRecorded;
  }

  /**
   * Returns the words that the command's words are to follow. Who starts that, as the user of this
   * daemon and anywhere below the root, has started the command in a mount name space of its own.
   */
  public List<String> launcher() throws IOException {
    if (parts.isEmpty()) {
      return List.of("/bin/sh", "-c", IN_PLACE, "revfs-run", ready(FIRST_DESCRIPTOR).toString());
    }
    List<String> words = new ArrayList<>(runs.nameSpaces().words());
    words.addAll(
        List.of(
            "/bin/sh",
            "-c",
            script,
            "revfs-run",
            directory.toString(),
            Integer.toString(NameSpaces.id("unix:uid")),
            Integer.toString(NameSpaces.id("unix:gid")),
            NameSpaces.isRoot() ? "0" : "1",
            parts.stream().map(part -> part.place().toString()).collect(Collectors.joining("\n"))));
    return words;
  }

  /** Begins to wait for the mounts. */
  void await() {
    Thread.ofVirtual()
        .name("run " + directory.getFileName())
        .start(
            () -> {
              try {
                served.complete(serve());
              } catch (IOException | RuntimeException e) {
                served.completeExceptionally(e);
              }
            });
  }

  /** Serves each mount as soon as it is there; returns false if the run is over before. */
  private boolean serve() throws IOException {
    if (parts.isEmpty()) {
      OptionalInt process = awaitMount(FIRST_DESCRIPTOR);
      process.ifPresent(recorder::startedAs);
      return process.isPresent();
    }
    List<KeptSessions.Elsewhere> served = new ArrayList<>();
    for (int i = 0; i < parts.size(); i++) {
      OptionalInt found = awaitMount(FIRST_DESCRIPTOR - i);
      if (found.isEmpty()) {
        return false;
      }
      int process = found.getAsInt();
      if (i == 0) {
        recorder.startedAs(process);
      }
      boolean last = i == parts.size() - 1;
      if (last) { // all is mounted, and the command waits for the answer
        recorder.listenOutside(process, runs.trees().everywhere(), startedAt());
      }
      RunSession part = parts.get(i);
      Path key = RunFile.key(directory, i);
      serve(
          part,
          process,
          FIRST_DESCRIPTOR - i,
          session -> {
            served.add(
                new KeptSessions.Elsewhere(
                    part.name(), key, device(part, process), session, process, part.beside()));
            if (last) { // from the command's first breath it outlives us
              runs.kept().keepElsewhere(served);
            }
          });
    }
    return true;
  }

  private static String device(RunSession part, int process) {
    try {
      return MountTable.of(process).at(part.place()).map(MountTable.Mount::device).orElse("0:0");
    } catch (IOException e) {
      return "0:0"; // it has ended already
    }
  }

  private void serve(
      RunSession part, int process, int descriptor, Consumer<FuseSession> beforeAnswers)
      throws IOException {
    try {
      FuseSession session =
          FuseMounts.adopt(
              part.tree(),
              part.place(),
              process,
              descriptor,
              runs.kept().openFiles(part.name()),
              beforeAnswers);
      begun(part, session);
    } catch (IOException e) {
      // It would wait for ever in a mount that nobody serves.
      ProcessHandle.of(process).ifPresent(ProcessHandle::destroyForcibly);
      throw e;
    }
  }

  private void begun(RunSession part, FuseSession session) {
    begun.incrementAndGet();
    var unused =
        session
            .ended()
            .whenComplete(
                (nothing, failure) -> {
                  runs.kept().forget(part.name());
                  part.close();
                  if (gone.incrementAndGet() == parts.size()) {
                    whoEndsIt();
                  }
                  leaveWhenOver();
                });
  }

  /** The last process of the name space has ended: who ran the command is to say how. */
  private void whoEndsIt() {
    if (resumed) {
      CompletableFuture.delayedExecutor(GRACE_SECONDS, TimeUnit.SECONDS).execute(this::endAlone);
    }
  }

  private void endAlone() {
    try (this) {
      var unused = end(Trace.NO_EXIT, "who ran it went away");
    } catch (IOException e) {
      log.warn("the run {} leaves no trace: {}", id, e.getMessage());
    }
  }

  /**
   * Goes on with the sessions of the process before this one; the command has waited meanwhile.
   *
   * @param now when
   */
  void resume(Instant now) throws IOException {
    List<KeptSessions.Inherited> inherited = inherited();
    served.complete(true);
    resumed = true;
    if (parts.isEmpty()) {
      recorder.misses(
          "the daemon was killed, and what was done just before " + now + " is missing");
      OptionalInt first = first();
      Optional<ProcessHandle> process =
          first.isPresent() ? ProcessHandle.of(first.getAsInt()) : Optional.empty();
      var unused =
          process
              .map(ProcessHandle::onExit)
              .orElse(CompletableFuture.completedFuture(null))
              .thenRun(this::whoEndsIt);
      return;
    }
    recorder.listenOutsideAgain(
        first().orElse(0),
        runs.trees().everywhere(),
        startedAt(),
        "not recorded just before " + now + ", as the daemon was killed");
    serveOn(inherited);
  }

  /**
   * Goes on with the sessions of a run whose record is over, for those whom its command has left
   * behind.
   */
  void serveOn() throws IOException {
    List<KeptSessions.Inherited> inherited = inherited();
    served.complete(true);
    serveOn(inherited);
    close();
  }

  private List<KeptSessions.Inherited> inherited() throws IOException {
    List<KeptSessions.Inherited> inherited = new ArrayList<>();
    for (int i = 0; i < parts.size(); i++) {
      inherited.add(
          runs.kept()
              .inherited(RunFile.key(directory, i))
              .orElseThrow(() -> new IOException("its session ended with the daemon")));
    }
    return inherited;
  }

  private void serveOn(List<KeptSessions.Inherited> inherited) throws IOException {
    for (int i = 0; i < parts.size(); i++) {
      RunSession part = parts.get(i);
      begun(
          part,
          FuseMounts.resume(
              part.tree(),
              part.place(),
              inherited.get(i).survival(),
              runs.kept().openFiles(part.name())));
    }
  }

  /** Returns when the first mount was made, which may be long after somebody asked for the run. */
  private Instant startedAt() throws IOException {
    return Files.getLastModifiedTime(ready(FIRST_DESCRIPTOR)).toInstant();
  }

  private Path ready(int descriptor) {
    return directory.resolve("ready-" + descriptor);
  }

  /** Returns the run's first process; empty while it has not begun. */
  private OptionalInt first() {
    try {
      String pid = read(ready(FIRST_DESCRIPTOR));
      return pid.endsWith("\n")
          ? OptionalInt.of(Integer.parseInt(pid.strip()))
          : OptionalInt.empty();
    } catch (IOException | NumberFormatException e) {
      return OptionalInt.empty();
    }
  }

  /**
   * Lets the mount that is there already hear what the run does.
   *
   * @param why no name space is to be had
   * @return whether there is such a mount
   */
  boolean hearMount(Path root, String why) throws IOException {
    Descendants descendants = new Descendants(this::first);
    Optional<SessionTrees.Heard> mounted =
        runs.trees().mounted(root, shown -> new OfOneRun(recorder.workingCopy(shown), descendants));
    if (mounted.isEmpty()) {
      return false;
    }
    heard = mounted.get();
    limits =
        ("no mount name space (%s), so this is recorded by the mount of the attached copy: what is"
             + " outside of it is not recorded, what is looked at or looked for only in part, and a"
             + " process that outlives all that started it may not be known; the next git status is"
             + " slower, and if the daemon is killed the trace is incomplete")
            .formatted(why);
    recorder.missesOutside("not recorded: no mount name space (" + why + ")");
    return true;
  }

  /** Returns what is recorded less than usual, and why; empty if nothing is. */
  public String limits() {
    return limits;
  }

  /** Waits for a mount; returns the process that made it, empty if the run is over before. */
  private OptionalInt awaitMount(int descriptor) throws IOException {
    Path ready = ready(descriptor);
    long since = System.nanoTime();
    String pid = read(ready);
    while (!pid.endsWith("\n")) {
      if (over) {
        return OptionalInt.empty();
      }
      // A shell has no quicker way to tell; and it waits in the mount meanwhile, so nothing is
      // lost. Who waits for its turn in a cluster's queue is looked for less and less often.
      long waited = System.nanoTime() - since;
      LockSupport.parkNanos(
          Math.clamp(waited / PATIENCE, POLL_NANOSECONDS, LONGEST_POLL_NANOSECONDS));
      pid = read(ready);
    }
    return OptionalInt.of(Integer.parseInt(pid.strip()));
  }

  private void closeFrom(int first) {
    List<RunSession> never = parts.subList(first, parts.size());
    never.forEach(RunSession::close);
    never.forEach(part -> runs.kept().forget(part.name()));
  }

  private static String read(Path file) throws IOException {
    try {
      return Files.readString(file);
    } catch (NoSuchFileException e) {
      return "";
    }
  }

  /**
   * Ends the record and keeps the trace; later calls return the same one.
   *
   * @param exit the exit status of what the launcher started, as a shell has it: 128 and the number
   *     of a signal
   * @param incomplete why something may be missing; empty if nothing is but for a signal
   * @throws NotRecordedException if the command was not started, since it could not be recorded
   */
  public synchronized Trace end(int exit, String incomplete) throws IOException {
    over = true;
    if (ended != null) {
      return ended;
    }
    boolean started;
    try {
      started = served.join();
    } catch (java.util.concurrent.CompletionException e) {
      throw new NotRecordedException(
          "the run cannot be recorded: " + (e.getCause() == null ? e : e.getCause()).getMessage(),
          "see: revfs daemon log; the daemon and the command must be the same user's");
    }
    if (!started) {
      throw refused();
    }
    hearNoMore();
    Trace trace = recorder.end(exit, incomplete.isEmpty() ? signal(exit) : incomplete);
    ended = trace;
    parts.forEach(part -> part.changed().accept(trace));
    runs.ended(this, trace);
    return trace;
  }

  private void hearNoMore() {
    SessionTrees.Heard mounted = heard;
    if (mounted != null) {
      mounted.end().run();
    }
  }

  private NotRecordedException refused() throws IOException {
    String why = read(directory.resolve("failed")).strip();
    return refused(why.isEmpty() ? "this system allows no mount name space here" : why);
  }

  static NotRecordedException refused(String why) {
    return new NotRecordedException(
        "the run cannot be recorded, so its command was not started: " + why,
        "recording needs user name spaces (sysctl kernel.unprivileged_userns_clone and"
            + " user.max_user_namespaces, in a container --cap-add SYS_ADMIN --device /dev/fuse), a"
            + " daemon of root's, or a working copy that is attached, whose mount hears most of it"
            + " (revfs attach); run the command without revfs run to do without");
  }

  private static String signal(int exit) {
    return exit > 128 && exit <= 128 + 64 ? "it was killed by signal " + (exit - 128) : "";
  }

  /** Ends the record without a trace, unless it has ended. */
  @Override
  public void close() throws IOException {
    over = true;
    runs.abandoned(this);
    served.handle((served, failure) -> begun.get()).thenAccept(this::closeFrom).join();
    hearNoMore();
    recorder.close();
    events.close();
    synchronized (this) {
      closed = true;
      if (gone.get() < begun.get()) {
        RunFile.end(directory);
        EventLog.empty(directory);
        parts.subList(0, begun.get()).forEach(part -> runs.kept().outlives(part.name()));
      }
    }
    leaveWhenOver();
  }

  /** What the next process needs to know of a run is there until nobody uses its sessions. */
  private synchronized void leaveWhenOver() {
    if (closed && gone.get() == begun.get()) {
      try {
        TracedRuns.delete(directory);
      } catch (IOException e) {
        log.warn("{} stays: {}", directory, e.toString());
      }
    }
  }
}
