package io.revfs.trace.outside;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.revfs.fuse.FileNames;
import io.revfs.object.Digest;
import io.revfs.posix.Fanotify;
import io.revfs.posix.FileDetails;
import io.revfs.posix.NameCalls;
import io.revfs.posix.Posix;
import io.revfs.trace.Deed;
import io.revfs.trace.Listings;
import io.revfs.trace.OfTheSystem;
import io.revfs.trace.Trace;
import io.revfs.trace.TracedPath;
import java.io.Closeable;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The files and directories that a run opens outside of the sessions that are recorded.
 * Thread-safe.
 *
 * <p>The kernel tells afterwards, of opens and closes only: so names that are looked for in vain
 * and what is only looked at are not known, a directory that is opened counts as listed, and a file
 * was there before the run if it is older than it. What has another name in the end is told under
 * that one.
 */
public final class OutsideFiles implements Closeable {
  private static final long MOST_FILE_BYTES = 16L << 20;
  private static final long MOST_BYTES = 256L << 20;
  private static final int MOST_PROCESSES = 8;

  private final Callers callers;
  private final Consumer<Seen> log;

  @GuardedBy("this")
  private final Map<String, Use> uses = new TreeMap<>();

  @GuardedBy("this")
  private String gap = Trace.NOT_RECORDED;

  private volatile @Nullable MountEars ears;

  /** Who does something, and when. */
  public interface Callers {
    /** Returns what a process is to be called; 0 if it is gone and nothing is known of it. */
    int heardOf(int process);

    /** Returns milliseconds since the run began. */
    long millis();
  }

  /** What is known of one path. */
  private static final class Use {
    final long firstMillis;
    final long modified;
    final boolean born;
    boolean read;
    boolean executed;
    boolean listed;
    boolean wrote;
    boolean closedUnwritten;
    byte[] handle = new byte[0];
    final List<Integer> processes = new ArrayList<>();

    Use(Seen first, long millis) {
      this.firstMillis = millis;
      this.modified = first.modified();
      this.born = first.born();
    }
  }

  /**
   * @param log is told of each event before it counts
   */
  public OutsideFiles(Callers callers, Consumer<Seen> log) {
    this.callers = callers;
    this.log = log;
  }

  /**
   * Begins to listen to the mounts of a name space, or says in {@link #gap} why that cannot be.
   *
   * @param process lives in it
   * @param began files that are younger are the run's
   */
  public void listen(int process, Instant began) {
    String why = "";
    try {
      ears =
          new MountEars(
              process,
              began.getEpochSecond() * 1_000_000_000 + began.getNano(),
              callers::heardOf,
              this::heard,
              () -> say("events were lost"));
    } catch (IOException e) {
      why =
          Trace.NOT_RECORDED + ": that needs a daemon of root's (fanotify: " + e.getMessage() + ")";
    }
    say(why);
  }

  /** Says why something may be missing; empty: nothing is. */
  public synchronized void say(String why) {
    gap = why;
  }

  /** Returns why something may be missing; empty if nothing is. */
  public synchronized String gap() {
    return gap;
  }

  private void heard(Seen seen) {
    log.accept(seen);
    take(seen);
  }

  /** Counts an event. */
  public synchronized void take(Seen seen) {
    Use use = uses.computeIfAbsent(seen.path(), path -> new Use(seen, callers.millis()));
    boolean executed = seen.has(Fanotify.OPEN_EXEC);
    use.executed |= executed;
    use.read |= seen.has(Fanotify.OPEN) && !executed;
    use.listed |= seen.has(Fanotify.DIRECTORY);
    use.wrote |= seen.has(Fanotify.CLOSE_WRITE);
    use.closedUnwritten |= seen.has(Fanotify.CLOSE_NOWRITE);
    if (seen.handle().length > 0) {
      use.handle = seen.handle();
    }
    int process = seen.process();
    if (process > 0 && use.processes.size() < MOST_PROCESSES && !use.processes.contains(process)) {
      use.processes.add(process);
    }
  }

  /**
   * Ends to listen; returns what was used, sorted.
   *
   * @param digests begins to hash the file at a path
   * @param names returns the names in the directory at a path, as for {@link Listings}
   */
  public List<TracedPath> end(
      Function<String, CompletableFuture<Optional<Digest>>> digests, Names names) {
    close();
    TreeMap<String, Told> told = new TreeMap<>();
    synchronized (this) {
      uses.forEach((path, use) -> tell(path, use, told));
    }
    long[] left = {MOST_BYTES};
    told.values().forEach(each -> each.hash(digests, left));
    List<TracedPath> all = new ArrayList<>();
    for (Told each : told.values()) {
      all.add(each.traced(each.isAsListed() ? listing(names, each.path) : Optional.empty()));
    }
    return all;
  }

  /** Lists directories. */
  @FunctionalInterface
  public interface Names {
    /** Returns the names in a directory; empty if there is none. */
    Optional<List<String>> in(String path) throws IOException;
  }

  private static Optional<Digest> listing(Names names, String path) {
    try {
      return names.in(path).map(Listings::digest);
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  private static void tell(String path, Use use, Map<String, Told> told) {
    boolean there = NameCalls.stat(Posix.AT_FDCWD, FileNames.encode(path)) >= 0;
    FileDetails now = there ? NameCalls.details() : null;
    if (now == null && use.born) {
      String name = use.handle.length == 0 ? "" : MountEars.find(path, use.handle);
      if (!name.isEmpty() && NameCalls.stat(Posix.AT_FDCWD, FileNames.encode(name)) >= 0) {
        told.put(name, new Told(name, use, NameCalls.details()));
      }
      return; // else it was the run's own, and is gone
    }
    told.putIfAbsent(path, new Told(path, use, now));
  }

  /** A path that is told of. */
  private static final class Told {
    private final String path;
    private final Use use;
    private final @Nullable FileDetails now;
    private @Nullable CompletableFuture<Optional<Digest>> digest;

    Told(String path, Use use, @Nullable FileDetails now) {
      this.path = path;
      this.use = use;
      this.now = now;
    }

    /** Small files only: nobody is to wait for the system's own. */
    void hash(Function<String, CompletableFuture<Optional<Digest>>> digests, long[] left) {
      if (now == null || !now.isFile() || now.size() > MOST_FILE_BYTES || now.size() > left[0]) {
        return;
      }
      if (use.wrote || now.modified() == use.modified) {
        left[0] -= now.size();
        digest = digests.apply(path);
      }
    }

    /** Returns whether it is a directory of people's, with the names that it had. */
    boolean isAsListed() {
      return use.listed && now != null && now.modified() == use.modified && !OfTheSystem.is(path);
    }

    TracedPath traced(Optional<Digest> listing) {
      EnumSet<Deed> deeds = EnumSet.noneOf(Deed.class);
      if (use.listed) {
        deeds.add(Deed.LISTED);
      }
      if (use.executed) {
        deeds.add(Deed.EXECUTED);
      }
      // An open does not say for what: who only wrote never closed it unwritten. Whoever executes a
      // script reads it, too, and the kernel may tell of both at once.
      if (use.read && !use.executed && !(use.wrote && !use.closedUnwritten)) {
        deeds.add(Deed.READ);
      }
      if (use.wrote) {
        deeds.add(now == null ? Deed.DELETED : Deed.WRITTEN);
      }
      if (use.born && now != null) {
        deeds.add(Deed.CREATED);
      }
      if (deeds.isEmpty()) {
        deeds.add(Deed.READ); // it was closed, and was open before the run
      }
      Optional<Digest> held = digest == null ? Optional.empty() : digest.join();
      boolean changed = use.wrote || use.born;
      return new TracedPath(
          path,
          deeds,
          changed ? Optional.empty() : held,
          use.wrote ? held : Optional.empty(),
          listing,
          "",
          use.processes,
          use.firstMillis);
    }
  }

  @Override
  public void close() {
    MountEars listening = ears;
    if (listening != null) {
      listening.close();
    }
  }
}
