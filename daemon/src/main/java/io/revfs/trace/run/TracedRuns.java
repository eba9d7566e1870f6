package io.revfs.trace.run;

import io.revfs.mount.KeptSessions;
import io.revfs.trace.RunIds;
import io.revfs.trace.Trace;
import io.revfs.trace.TraceStore;
import io.revfs.trace.journal.EventLog;
import io.revfs.trace.recording.Recorder;
import io.revfs.trace.recording.TracedFiles;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Records runs. Thread-safe. A run outlives this process: its sessions are with the keeper, what it
 * did is in files of its directory, and the next process goes on with both ({@link #resume}).
 */
public final class TracedRuns implements Closeable {
  private static final Logger log = LoggerFactory.getLogger(TracedRuns.class);

  /** Devices are descriptors of one digit, which is all that a shell knows. */
  static final int MOST_SESSIONS = 7;

  private final Path directory;
  private final SessionTrees trees;
  private final TraceStore store;
  private final KeptSessions kept;
  private final Clock clock;
  private final NameSpaces nameSpaces;
  private final Set<TracedRun> running = ConcurrentHashMap.newKeySet();

  /**
   * @param directory where each run has a directory of its own while it goes on; made if absent
   * @param kept sessions that outlive this process
   */
  public TracedRuns(
      Path directory, SessionTrees trees, TraceStore store, KeptSessions kept, Clock clock) {
    this(directory, trees, store, kept, clock, new NameSpaces("unshare"));
  }

  TracedRuns(
      Path directory,
      SessionTrees trees,
      TraceStore store,
      KeptSessions kept,
      Clock clock,
      NameSpaces nameSpaces) {
    this.nameSpaces = nameSpaces;
    this.directory = directory;
    this.trees = trees;
    this.store = store;
    this.kept = kept;
    this.clock = clock;
  }

  /** Returns the traces of finished runs. */
  public TraceStore store() {
    return store;
  }

  /** Returns what the sessions of runs show. */
  public SessionTrees trees() {
    return trees;
  }

  KeptSessions kept() {
    return kept;
  }

  NameSpaces nameSpaces() {
    return nameSpaces;
  }

  /**
   * What is to be run.
   *
   * @param root the working copy, absolute
   * @param directory where the command runs, from the root
   * @param command its words
   * @param commit that is checked out; empty if none is
   */
  public record Wanted(Path root, String directory, List<String> command, String commit) {
    public Wanted {
      command = List.copyOf(command);
    }
  }

  /**
   * Begins to record. Who closes the run before its end leaves no trace of it.
   *
   * @throws NotRecordedException if this system does not let it
   */
  public TracedRun begin(Wanted wanted) throws IOException {
    Instant now = clock.instant();
    Recorder.Beginning beginning =
        new Recorder.Beginning(
            RunIds.at(now, RandomGenerator.getDefault()),
            wanted.command(),
            wanted.root().toString(),
            wanted.directory(),
            wanted.commit(),
            now);
    Files.createDirectories(directory);
    Path own =
        Files.createDirectory(
            directory.resolve(beginning.id()),
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    EventLog events = EventLog.begin(own);
    Recorder recorder = new Recorder(beginning, events);
    RunSessions sessions = new RunSessions(trees, kept, recorder);
    try {
      Optional<String> refusal = nameSpaces.refusal(own);
      if (refusal.isEmpty()) {
        sessions.begin(wanted.root());
      }
      RunFile file =
          RunFile.of(
              beginning,
              sessions.attached(),
              sessions.all().stream()
                  .map(each -> new RunFile.Session(each.place().toString(), each.name()))
                  .toList());
      file.write(own);
      TracedRun run =
          new TracedRun(
              this,
              recorder,
              events,
              own,
              beginning.id(),
              sessions.all(),
              script(),
              sessions.left());
      if (refusal.isPresent() && !run.hearMount(wanted.root(), refusal.get())) {
        throw TracedRun.refused(refusal.get());
      }
      running.add(run);
      run.await();
      return run;
    } catch (IOException | RuntimeException e) {
      sessions.close();
      recorder.close();
      events.close();
      delete(own);
      throw e;
    }
  }

  /** Returns the places of sessions that the process before served for runs. */
  public static List<Path> places(Path directory) throws IOException {
    try (Stream<Path> runs = Files.list(directory)) {
      return runs.flatMap(
              run ->
                  java.util.stream.IntStream.range(0, MOST_SESSIONS)
                      .mapToObj(number -> RunFile.key(run, number)))
          .toList();
    } catch (NoSuchFileException e) {
      return List.of();
    }
  }

  /**
   * Goes on with the runs of the process before this one; those whose sessions are over leave their
   * traces, incomplete. To be called once, when all mounts are there.
   */
  public void resume() throws IOException {
    List<Path> all;
    try (Stream<Path> runs = Files.list(directory)) {
      all = runs.toList();
    } catch (NoSuchFileException e) {
      return;
    }
    for (Path own : all) {
      try {
        if (RunFile.isOver(own)) {
          serveOn(own);
        } else {
          resume(own);
        }
      } catch (IOException | RuntimeException e) {
        log.warn("what is left of the run {} ends: {}", own.getFileName(), e.toString());
        abandon(own);
        delete(own);
      }
    }
  }

  private void resume(Path own) throws IOException {
    RunFile file = RunFile.read(own);
    int process = EventLog.count(own);
    EventLog events = EventLog.begin(own);
    Recorder recorder = new Recorder(file.beginning(), events);
    RunSessions sessions = new RunSessions(trees, kept, recorder);
    try {
      sessions.resume(file, own, process);
      TracedRun run =
          new TracedRun(this, recorder, events, own, file.id(), sessions.all(), "", List.of());
      Path root = Path.of(file.root());
      if (file.sessions().isEmpty() && !run.hearMount(root, "as before the daemon was killed")) {
        throw new IOException(root + " is not attached any more");
      }
      replay(recorder, own, process);
      run.resume(clock.instant());
      running.add(run);
    } catch (IOException | RuntimeException e) {
      log.warn("the run {} ends here: {}", file.id(), e.toString());
      abandon(own);
      sessions.close();
      recorder.close();
      events.close();
      keepWhatIsKnown(file, own, process, String.valueOf(e.getMessage()));
      delete(own);
    }
  }

  /** The trace is there; those whom the command has left behind go on. */
  private void serveOn(Path own) throws IOException {
    RunFile file = RunFile.read(own);
    int process = EventLog.count(own);
    EventLog events = EventLog.begin(own);
    Recorder recorder = new Recorder(file.beginning(), events);
    RunSessions sessions = new RunSessions(trees, kept, recorder);
    try {
      sessions.resume(file, own, process);
      new TracedRun(this, recorder, events, own, file.id(), sessions.all(), "", List.of())
          .serveOn();
    } catch (IOException | RuntimeException e) {
      sessions.close();
      recorder.close();
      events.close();
      throw e;
    }
  }

  private static void replay(Recorder recorder, Path own, int process) {
    try {
      recorder.replay(to -> EventLog.read(own, process, to));
    } catch (IOException e) {
      log.warn("{}", e.toString());
      recorder.misses("the daemon was killed, and what was done before is not known");
    }
  }

  /** The session is over, and the command has got errors: its trace is what was heard before. */
  private void keepWhatIsKnown(RunFile file, Path own, int process, String why) throws IOException {
    try (Recorder recorder = new Recorder(file.beginning())) {
      var unused = recorder.workingCopy(trees.files(Path.of(file.root())));
      for (RunFile.Session session : file.sessions()) {
        if (!session.place().equals(file.root())) {
          var unusedToo = recorder.elsewhere(session.place(), TracedFiles.NONE);
        }
      }
      replay(recorder, own, process);
      store.put(recorder.end(Trace.NO_EXIT, "the daemon was killed, and could not go on: " + why));
    }
  }

  private void abandon(Path own) {
    for (int number = 0; number < MOST_SESSIONS; number++) {
      kept.inherited(RunFile.key(own, number)).ifPresent(each -> kept.abandon(each.name()));
    }
  }

  /** Deletes the directory of a run. */
  static void delete(Path own) throws IOException {
    try (Stream<Path> files = Files.list(own)) {
      for (Path file : files.toList()) {
        Files.deleteIfExists(file);
      }
      Files.deleteIfExists(own);
    } catch (NoSuchFileException e) {
      log.debug("{} is gone already", own);
    }
  }

  /** Returns the run of this id, if it goes on. */
  public Optional<TracedRun> running(String id) {
    return running.stream().filter(run -> run.id().equals(id)).findFirst();
  }

  private static String script() throws IOException {
    try (InputStream in = TracedRuns.class.getResourceAsStream("launch.sh")) {
      return new String(Objects.requireNonNull(in).readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  void ended(TracedRun run, Trace trace) {
    if (running.remove(run)) {
      store.put(trace);
    }
  }

  void abandoned(TracedRun run) {
    running.remove(run);
  }

  /** Ends the records of all runs: their sessions end with this process. */
  @Override
  public void close() {
    for (TracedRun run : List.copyOf(running)) {
      try (run) {
        var unused = run.end(Trace.NO_EXIT, "the daemon was stopped");
      } catch (IOException e) {
        log.warn("a run leaves no trace: {}", e.getMessage());
      }
    }
  }
}
