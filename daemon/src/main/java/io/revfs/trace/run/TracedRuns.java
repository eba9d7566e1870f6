package io.revfs.trace.run;

import io.revfs.fuse.AccessListener;
import io.revfs.trace.RecordedTree;
import io.revfs.trace.Recorder;
import io.revfs.trace.RunIds;
import io.revfs.trace.Trace;
import io.revfs.trace.TraceStore;
import io.revfs.trace.TreeFiles;
import io.revfs.tree.Provenance;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Records runs. Thread-safe. */
public final class TracedRuns implements Closeable {
  private static final Logger log = LoggerFactory.getLogger(TracedRuns.class);

  /** Devices are descriptors of one digit, which is all that a shell knows. */
  static final int MOST_SESSIONS = 7;

  private final Path directory;
  private final SessionTrees trees;
  private final TraceStore store;
  private final Clock clock;
  private final Set<TracedRun> running = ConcurrentHashMap.newKeySet();

  /**
   * @param directory where each run has a directory of its own while it goes on; made if absent
   */
  public TracedRuns(Path directory, SessionTrees trees, TraceStore store, Clock clock) {
    this.directory = directory;
    this.trees = trees;
    this.store = store;
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

  /** Begins to record. Who closes the run before its end leaves no trace of it. */
  public TracedRun begin(Wanted wanted) throws IOException {
    Instant now = clock.instant();
    String id = RunIds.at(now, RandomGenerator.getDefault());
    Recorder recorder =
        new Recorder(
            new Recorder.Beginning(
                id,
                wanted.command(),
                wanted.root().toString(),
                wanted.directory(),
                wanted.commit(),
                now));
    List<TracedRun.Part> parts = new ArrayList<>();
    try {
      SessionTrees.Shown shown = trees.workingCopy(wanted.root(), recorder::workingCopy);
      parts.add(new TracedRun.Part(wanted.root(), shown.tree(), shown.end(), shown.changed()));
      List<String> left = addRevisions(parts, recorder);
      Files.createDirectories(directory);
      Path own =
          Files.createDirectory(
              directory.resolve(id),
              PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
      TracedRun run = new TracedRun(this, recorder, own, parts, script(), left);
      running.add(run);
      run.await();
      return run;
    } catch (IOException | RuntimeException e) {
      for (TracedRun.Part part : parts) {
        part.end().close();
      }
      recorder.close();
      throw e;
    }
  }

  /** Adds the mounts of revisions; returns those for which there is no room. */
  private List<String> addRevisions(List<TracedRun.Part> parts, Recorder recorder) {
    List<String> left = new ArrayList<>();
    for (SessionTrees.Revisions mount : trees.revisions()) {
      if (parts.size() == MOST_SESSIONS) {
        left.add(mount.place().toString());
        continue;
      }
      AccessListener listener =
          recorder.elsewhere(
              mount.place().toString(), new TreeFiles(mount.tree(), Provenance.DIGEST));
      parts.add(
          new TracedRun.Part(
              mount.place(), new RecordedTree(mount.tree(), listener), () -> {}, trace -> {}));
    }
    return left;
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
