package io.revfs.trace.run;

import io.revfs.fuse.FileTree;
import io.revfs.fuse.FuseMounts;
import io.revfs.fuse.FuseSession;
import io.revfs.trace.Recorder;
import io.revfs.trace.Trace;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One run that is recorded: from before its command is started by {@link #launcher} until {@link
 * #end}. Thread-safe.
 */
public final class TracedRun implements Closeable {
  private static final Logger log = LoggerFactory.getLogger(TracedRun.class);
  private static final int FIRST_DESCRIPTOR = 9;
  private static final long POLL_NANOSECONDS = TimeUnit.MICROSECONDS.toNanos(500);

  private final TracedRuns runs;
  private final Recorder recorder;
  private final Path directory;
  private final List<Part> parts;
  private final String script;
  private final List<String> notRecorded;
  private final CompletableFuture<Boolean> served = new CompletableFuture<>();
  private volatile boolean over;

  /** How many sessions have begun; the others' trees are to be closed. */
  private final AtomicInteger begun = new AtomicInteger();

  /**
   * A session of the run.
   *
   * @param place where it is mounted in the run's name space
   * @param end is closed when the session is over
   * @param changed is told what the run did
   */
  record Part(Path place, FileTree tree, Closeable end, Consumer<Trace> changed) {}

  TracedRun(
      TracedRuns runs,
      Recorder recorder,
      Path directory,
      List<Part> parts,
      String script,
      List<String> notRecorded) {
    this.runs = runs;
    this.recorder = recorder;
    this.directory = directory;
    this.parts = List.copyOf(parts);
    this.script = script;
    this.notRecorded = List.copyOf(notRecorded);
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
    int uid = (Integer) Files.getAttribute(Path.of("/proc/self"), "unix:uid");
    int gid = (Integer) Files.getAttribute(Path.of("/proc/self"), "unix:gid");
    boolean root = uid == 0;
    List<String> words = new ArrayList<>(List.of("unshare", "--mount", "--propagation", "slave"));
    if (!root) {
      words.addAll(List.of("--user", "--map-current-user", "--keep-caps"));
    }
    words.addAll(
        List.of(
            "--",
            "/bin/sh",
            "-c",
            script,
            "revfs-run",
            directory.toString(),
            Integer.toString(uid),
            Integer.toString(gid),
            root ? "0" : "1",
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
    for (int i = 0; i < parts.size(); i++) {
      OptionalInt process = awaitMount(FIRST_DESCRIPTOR - i);
      if (process.isEmpty()) {
        return false;
      }
      if (i == 0) {
        recorder.startedAs(process.getAsInt());
      }
      serve(parts.get(i), process.getAsInt(), FIRST_DESCRIPTOR - i);
    }
    return true;
  }

  private void serve(Part part, int process, int descriptor) throws IOException {
    try {
      FuseSession session = FuseMounts.adopt(part.tree(), part.place(), process, descriptor);
      begun.incrementAndGet();
      var unused = session.ended().whenComplete((nothing, failure) -> close(part));
    } catch (IOException e) {
      // It would wait for ever in a mount that nobody serves.
      ProcessHandle.of(process).ifPresent(ProcessHandle::destroyForcibly);
      throw e;
    }
  }

  /** Waits for a mount; returns the process that made it, empty if the run is over before. */
  private OptionalInt awaitMount(int descriptor) throws IOException {
    Path ready = directory.resolve("ready-" + descriptor);
    String pid = "";
    while (!pid.endsWith("\n")) {
      if (over) {
        return OptionalInt.empty();
      }
      // A shell has no quicker way to tell; and it waits in the mount meanwhile, so nothing is
      // lost.
      LockSupport.parkNanos(POLL_NANOSECONDS);
      pid = read(ready);
    }
    return OptionalInt.of(Integer.parseInt(pid.strip()));
  }

  private static void close(Part part) {
    try {
      part.end().close();
    } catch (IOException e) {
      log.warn("what was shown at {} cannot be closed: {}", part.place(), e.getMessage());
    }
  }

  private void closeFrom(int first) {
    parts.subList(first, parts.size()).forEach(TracedRun::close);
  }

  private static String read(Path file) throws IOException {
    try {
      return Files.readString(file);
    } catch (NoSuchFileException e) {
      return "";
    }
  }

  /**
   * Ends the record and keeps the trace.
   *
   * @param exit the exit status of what the launcher started, as a shell has it: 128 and the number
   *     of a signal
   * @param incomplete why something may be missing; empty if nothing is but for a signal
   * @throws NotRecordedException if the command was not started, since it could not be recorded
   */
  public Trace end(int exit, String incomplete) throws IOException {
    over = true;
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
    Trace trace = recorder.end(exit, incomplete.isEmpty() ? signal(exit) : incomplete);
    parts.forEach(part -> part.changed().accept(trace));
    runs.ended(this, trace);
    return trace;
  }

  private NotRecordedException refused() throws IOException {
    String why = read(directory.resolve("failed")).strip();
    return new NotRecordedException(
        "the run cannot be recorded, so its command was not started: "
            + (why.isEmpty() ? "this system allows no mount name space here" : why),
        "recording needs user name spaces (sysctl kernel.unprivileged_userns_clone, in a container"
            + " --cap-add SYS_ADMIN --device /dev/fuse) or a daemon of root's; run the command"
            + " without revfs run to do without");
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
    recorder.close();
    try (Stream<Path> files = Files.list(directory)) {
      for (Path file : files.toList()) {
        Files.deleteIfExists(file);
      }
      Files.deleteIfExists(directory);
    } catch (NoSuchFileException e) {
      log.debug("{} is gone already", directory);
    }
  }
}
