package io.revfs.trace.recording;

import io.revfs.fuse.RequestContext;
import io.revfs.fuse.SlowAnswerException;
import io.revfs.fuse.heard.Access;
import io.revfs.fuse.heard.AccessListener;
import io.revfs.object.Digest;
import io.revfs.trace.Deed;
import io.revfs.trace.DigestText;
import io.revfs.trace.Listings;
import io.revfs.trace.Trace;
import io.revfs.trace.TracedPath;
import io.revfs.trace.TracedProcess;
import io.revfs.trace.journal.RunEvents;
import io.revfs.trace.outside.OutsideFiles;
import io.revfs.trace.outside.Seen;
import java.io.Closeable;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Hears what one run does in its sessions, and makes its trace. Thread-safe.
 *
 * <p>What is read is hashed in the background or at the end (see {@link Hashing}). Where something
 * is about to change that was read and is not hashed yet, the one who changes it waits. What the
 * run left is hashed at its end.
 */
public final class Recorder implements Closeable {
  private static final Logger log = LoggerFactory.getLogger(Recorder.class);

  private final Beginning beginning;
  private final RunEvents events;
  private final PathTable paths;
  private final ProcessTable processes;
  private final OutsideFiles outside;
  private final SessionFiles files = new SessionFiles();
  private final Map<String, Session> sessions = new ConcurrentHashMap<>();
  private final Hashing hashing;

  /**
   * What was hashed before the process that did it was gone; of use while that is told again. A
   * path may have been hashed more than once, of one file after the other.
   */
  private Map<String, Deque<String>> hashed = Map.of();

  private volatile boolean ended;
  private volatile String trouble = "";

  /**
   * What is known of a run when it begins.
   *
   * @param id sorts by time
   * @param root the working copy, absolute
   * @param directory where it runs, from the root
   * @param commit that is checked out; empty if none is
   */
  public record Beginning(
      String id, List<String> command, String root, String directory, String commit, Instant at) {
    public Beginning {
      command = List.copyOf(command);
    }
  }

  /** Begins to record what the next process need not know. */
  public Recorder(Beginning beginning) {
    this(beginning, RunEvents.NONE);
  }

  /**
   * Begins to record, or goes on ({@link #replay}).
   *
   * @param events is told of everything before it counts
   */
  public Recorder(Beginning beginning, RunEvents events) {
    this.beginning = beginning;
    this.events = events;
    this.paths = new PathTable(beginning.at());
    this.processes = new ProcessTable(paths::millis, events);
    this.hashing =
        new Hashing(
            (key, digest) -> events.hashed(key, digest.map(Digest::toString).orElse("")),
            key -> events.hashed(key, RunEvents.CHANGED));
    this.outside =
        new OutsideFiles(
            new OutsideFiles.Callers() {
              @Override
              public int heardOf(int process) {
                return processes.heardOf(process);
              }

              @Override
              public long millis() {
                return paths.millis();
              }
            },
            seen -> events.seen(paths.millis(), seen));
  }

  /**
   * Takes what another process heard of the same run; all sessions are to be known, and none is to
   * be served yet.
   *
   * @param teller tells it, as often as it is asked
   */
  public void replay(Teller teller) throws IOException {
    Map<String, Deque<String>> digests = new HashMap<>();
    teller.tell(new Digests(digests));
    hashed = digests;
    try {
      teller.tell(new Again());
    } finally {
      hashed = Map.of();
      paths.now();
    }
  }

  /** Tells what was heard. */
  @FunctionalInterface
  public interface Teller {
    void tell(RunEvents to) throws IOException;
  }

  /** Of what was told, the digests. */
  private record Digests(Map<String, Deque<String>> found) implements RunEvents {
    @Override
    public void started(int process) {}

    @Override
    public void process(TracedProcess process) {}

    @Override
    public void accessed(long millis, int process, Access access, String key, String other) {}

    @Override
    public void hashed(String key, String digest) {
      found.computeIfAbsent(key, each -> new ArrayDeque<>()).add(digest);
    }

    @Override
    public void seen(long millis, Seen seen) {}
  }

  /** All of it, once more. */
  private final class Again implements RunEvents {
    @Override
    public void started(int process) {
      processes.startedAs(process);
    }

    @Override
    public void process(TracedProcess process) {
      processes.known(process);
    }

    @Override
    public void accessed(long millis, int process, Access access, String key, String other) {
      paths.at(millis);
      String prefix = files.prefixOf(key);
      Session session = sessions.get(prefix);
      if (session != null) {
        String second = other.isEmpty() ? "" : other.substring(prefix.length());
        session.take(process, access, key.substring(prefix.length()), second);
      }
    }

    @Override
    public void hashed(String key, String digest) {
      if (digest.equals(CHANGED)) {
        hashing.changedByOthers(key);
      }
    }

    @Override
    public void seen(long millis, Seen seen) {
      paths.at(millis);
      outside.take(seen);
    }
  }

  /** Returns what listens to the session over the working copy. */
  public AccessListener workingCopy(TracedFiles shown) {
    return session("", shown);
  }

  /**
   * Returns what listens to a session elsewhere.
   *
   * @param place its mount point, absolute
   */
  public AccessListener elsewhere(String place, TracedFiles shown) {
    return session(place + "/", shown);
  }

  private AccessListener session(String prefix, TracedFiles shown) {
    files.put(prefix, shown);
    Session session = new Session(prefix, shown);
    sessions.put(prefix, session);
    return session;
  }

  /** Says which process is the run's first. */
  public void startedAs(int pid) {
    events.started(pid);
    processes.root(pid);
  }

  /**
   * Listens to what is opened outside of the sessions, by way of the mounts of a process's name
   * space, if this process may.
   *
   * @param elsewhere all files, by paths from the root directory
   */
  public void listenOutside(int pid, TracedFiles elsewhere, Instant began) {
    files.put(SessionFiles.ELSEWHERE, elsewhere);
    outside.listen(pid, began);
  }

  /**
   * As {@link #listenOutside}, after nobody has listened for a while.
   *
   * @param gap says so
   */
  public void listenOutsideAgain(int pid, TracedFiles elsewhere, Instant began, String gap) {
    listenOutside(pid, elsewhere, began);
    if (outside.gap().isEmpty()) {
      outside.say(gap);
    }
  }

  /** Says that the trace is incomplete, and why. */
  public void misses(String why) {
    trouble = why;
  }

  /** Says why paths outside of the sessions may be missing from the trace. */
  public void missesOutside(String why) {
    outside.say(why);
  }

  /** One session's ear. */
  private final class Session implements AccessListener {
    private final String prefix;
    private final TracedFiles shown;

    Session(String prefix, TracedFiles shown) {
      this.prefix = prefix;
      this.shown = shown;
    }

    @Override
    public void accessed(int pid, Access access, String path, @Nullable String other) {
      if (ended || pid == 0 || (path.isEmpty() && access != Access.LISTED)) {
        return; // the kernel's own, or ours; the root itself, or what has no name any more
      }
      try {
        int process = processes.heard(pid);
        String second = other == null ? "" : other;
        events.accessed(
            paths.millis(),
            process,
            access,
            prefix + path,
            second.isEmpty() ? "" : prefix + second);
        take(process, access, path, second);
      } catch (RuntimeException e) {
        trouble = "an access could not be recorded: " + e;
        log.error("{} of {} could not be recorded", access, path, e);
      }
    }

    private void take(int process, Access access, String path, String other) {
      String key = prefix + path;
      switch (access) {
        case RENAMED -> paths.rename(key, prefix + other, this::hashMoved);
        case EXCHANGED -> paths.exchange(key, prefix + other, this::hashMoved);
        case LINKED -> {
          paths.with(key, state -> state.found(Deed.STATTED));
          paths.with(prefix + other, state -> state.created(key));
        }
        default ->
            paths.with(
                key,
                state -> {
                  state.usedBy(process);
                  take(access, state, path);
                });
      }
    }

    private void take(Access access, PathState state, String path) {
      switch (access) {
        case STATTED -> state.found(Deed.STATTED);
        case ABSENT -> state.absent();
        case LISTED -> state.found(Deed.LISTED);
        case LINK_READ -> state.found(Deed.LINK_READ);
        case OPENED_FOR_READING -> read(state, Deed.READ, path);
        case EXECUTED -> read(state, Deed.EXECUTED, path);
        case OPENED_FOR_WRITING, TRUNCATED -> state.written();
        case CREATED -> state.created("");
        case DELETED -> state.deleted();
        case ATTRIBUTES -> state.found(Deed.ATTRIBUTES);
        case CLOSED, RENAMED, EXCHANGED, LINKED -> {}
      }
    }

    private void read(PathState state, Deed deed, String path) {
      state.found(deed);
      hash(state, path);
    }

    private void hash(PathState state, String path) {
      if (state.isBeforeWanted()) {
        state.before(digest(prefix + path, path));
      }
    }

    private CompletableFuture<Optional<Digest>> digest(String key, String path) {
      Deque<String> known = hashed.get(key);
      return known == null || known.isEmpty()
          ? hashing.later(key, shown, path)
          : CompletableFuture.completedFuture(DigestText.parse(known.remove()));
    }

    /** What was there before the run has another name now, and the same bytes. */
    private void hashMoved(PathState state, String key) {
      if (state.isMovedWhole()) {
        state.before(digest(key, key.substring(prefix.length())));
      }
    }

    @Override
    public void changing(RequestContext context, Access access, String path)
        throws SlowAnswerException {
      if (ended || context.pid() == 0) {
        return;
      }
      // Whoever opens a file for both tells of reading when it is open, which is too late for its
      // bytes. That it is there was told: the kernel looked it up.
      if (access == Access.OPENED_FOR_WRITING && shown.isQuick(path)) {
        paths.with(prefix + path, state -> hash(state, path));
      }
      List<CompletableFuture<Optional<Digest>>> pending = hashing.before(prefix + path);
      if (!pending.isEmpty()) {
        context.beforeSlowAnswer();
        pending.forEach(CompletableFuture::join);
      }
    }
  }

  /**
   * Ends the record: what happens from now on is not heard. Waits until all is hashed.
   *
   * @param exit the run's exit status, or {@link Trace#NO_EXIT}
   * @param incomplete why something may be missing; empty if nothing is
   */
  public Trace end(int exit, String incomplete) throws IOException {
    ended = true;
    Instant at = Instant.now();
    hashing.startAll();
    NavigableMap<String, PathState> all = paths.sorted();
    Map<String, EnumSet<Deed>> verdicts = new TreeMap<>();
    Map<String, CompletableFuture<Optional<Digest>>> left = new TreeMap<>();
    for (Map.Entry<String, PathState> each : all.entrySet()) {
      String path = each.getKey();
      boolean traversed = PathTable.hasBelow(all, path);
      EnumSet<Deed> verdict = each.getValue().verdict(traversed);
      if (traversed) {
        verdict.remove(Deed.STATTED); // a directory on the way to others
      }
      if (verdict.isEmpty() || (path.isEmpty() && verdict.equals(EnumSet.of(Deed.STATTED)))) {
        continue;
      }
      verdicts.put(path, verdict);
      if (verdict.contains(Deed.WRITTEN)) {
        left.put(path, hashing.now(files.at(path), files.within(path)));
      }
    }
    List<TracedPath> inside = new ArrayList<>();
    List<TracedPath> elsewhere =
        new ArrayList<>(outside.end(this::hashOutside, this::namesOutside));
    for (Map.Entry<String, EnumSet<Deed>> each : verdicts.entrySet()) {
      String path = each.getKey();
      EnumSet<Deed> verdict = each.getValue();
      CompletableFuture<Optional<Digest>> hashed = left.get(path);
      Optional<Digest> after = hashed == null ? Optional.empty() : hashed.join();
      if (after.isEmpty() && verdict.contains(Deed.CREATED) && files.names(path).isPresent()) {
        verdict.remove(Deed.WRITTEN); // an empty directory
      }
      PathState state = java.util.Objects.requireNonNull(all.get(path));
      TracedPath told =
          state.told(
              path,
              verdict,
              state.awaitBefore(),
              after,
              verdict.contains(Deed.LISTED) ? listing(all, path) : Optional.empty());
      (path.startsWith("/") ? elsewhere : inside).add(told);
    }
    elsewhere.sort(Comparator.comparing(TracedPath::path));
    return new Trace(
        beginning.id(),
        beginning.command(),
        beginning.root(),
        beginning.directory(),
        beginning.commit(),
        beginning.at(),
        at,
        exit,
        incomplete.isEmpty() ? trouble() : incomplete,
        processes.all(beginning.command()),
        inside,
        elsewhere,
        outside.gap());
  }

  private CompletableFuture<Optional<Digest>> hashOutside(String path) {
    return hashing.outside(files.elsewhere(), path.substring(1));
  }

  private Optional<List<String>> namesOutside(String path) throws IOException {
    return files.elsewhere().names(path.substring(1));
  }

  private String trouble() {
    Set<String> changed = hashing.changed();
    return changed.isEmpty()
        ? trouble
        : "others changed what it used: " + String.join(", ", new TreeSet<>(changed));
  }

  /** The names that were there before the run, as far as it alone changed them. */
  private Optional<Digest> listing(NavigableMap<String, PathState> all, String path)
      throws IOException {
    return files.names(path).map(now -> Listings.digest(PathTable.namesBefore(all, path, now)));
  }

  /** Hears no more, and gives its threads back. */
  @Override
  public void close() {
    ended = true;
    outside.close();
    hashing.close();
  }
}
