package io.revfs.trace.recording;

import io.revfs.trace.Deed;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * All paths of one run. Thread-safe: what concerns one path happens under the shared lock, renames
 * under the exclusive one, since they move all that is below a directory.
 */
final class PathTable {
  /** No path has this name: an exchange goes through it. */
  private static final String ASIDE = "\0";

  private final Map<String, PathState> states = new ConcurrentHashMap<>();
  private final ReentrantReadWriteLock lock = new ReentrantReadWriteLock();
  private final long began;

  /** When what is told again happened; negative: what is told happens now. */
  private volatile long replayed = -1;

  /** {@code at}: when the run began. */
  PathTable(Instant at) {
    long before = Math.max(0, Duration.between(at, Instant.now()).toNanos());
    this.began = System.nanoTime() - before;
  }

  /** Milliseconds since the run began. */
  long millis() {
    long then = replayed;
    return then >= 0 ? then : (System.nanoTime() - began) / 1_000_000;
  }

  /** What is told from here on happened so many milliseconds after the run began. */
  void at(long millis) {
    replayed = millis;
  }

  /** What is told from here on happens now. */
  void now() {
    replayed = -1;
  }

  private PathState state(String path) {
    PathState known = states.get(path);
    return known != null ? known : states.computeIfAbsent(path, each -> new PathState(millis()));
  }

  /** Does something with what is known of a path. */
  void with(String path, Consumer<PathState> work) {
    lock.readLock().lock();
    try {
      work.accept(state(path));
    } finally {
      lock.readLock().unlock();
    }
  }

  /** Returns what is known of a path. */
  Optional<PathState> find(String path) {
    return Optional.ofNullable(states.get(path));
  }

  /**
   * A name, and all below it, became another.
   *
   * @param whole hears of what was there before the run and has another name now: the state under
   *     the old name, and the new name
   */
  void rename(String path, String other, BiConsumer<PathState, String> whole) {
    lock.writeLock().lock();
    try {
      move(path, other, whole);
    } finally {
      lock.writeLock().unlock();
    }
  }

  /** Two names were exchanged, and all that is below them. */
  void exchange(String path, String other, BiConsumer<PathState, String> whole) {
    lock.writeLock().lock();
    try {
      PathState one = state(path);
      PathState two = state(other);
      one.found(Deed.RENAMED);
      two.found(Deed.RENAMED);
      move(
          path,
          ASIDE,
          (state, name) -> whole.accept(state, other + name.substring(ASIDE.length())));
      move(other, path, whole);
      move(ASIDE, other, whole);
    } finally {
      lock.writeLock().unlock();
    }
  }

  private void move(String path, String other, BiConsumer<PathState, String> whole) {
    moveOne(path, other, whole);
    List<String> below = new ArrayList<>();
    for (String each : states.keySet()) {
      if (each.startsWith(path)
          && each.length() > path.length()
          && each.charAt(path.length()) == '/') {
        below.add(each);
      }
    }
    for (String each : below) {
      PathState state = states.get(each);
      if (state != null && state.isThere()) {
        moveOne(each, other + each.substring(path.length()), whole);
      }
    }
  }

  private void moveOne(String path, String other, BiConsumer<PathState, String> whole) {
    PathState from = state(path);
    from.found(Deed.RENAMED);
    PathState to = state(other);
    to.movedHere(from, path);
    if (from.movedAway()) {
      whole.accept(from, other);
    } else {
      states.remove(path); // it was made by the run, and is told of under its new name
    }
  }

  /** Returns all, sorted; nothing may happen any more. */
  NavigableMap<String, PathState> sorted() {
    lock.writeLock().lock();
    try {
      return new TreeMap<>(states);
    } finally {
      lock.writeLock().unlock();
    }
  }

  /** Returns whether anything below a path was heard of. */
  static boolean hasBelow(NavigableMap<String, PathState> all, String path) {
    String prefix = path.isEmpty() || path.endsWith("/") ? path : path + "/";
    @Nullable String next = all.higherKey(prefix);
    return next != null && next.startsWith(prefix) && !next.equals(path);
  }

  /**
   * Returns the names that a directory had before the run, as far as the run alone changed them.
   *
   * @param now its names as they are, those of directories with a slash at the end
   */
  static Set<String> namesBefore(
      NavigableMap<String, PathState> all, String directory, Collection<String> now) {
    Set<String> names = new LinkedHashSet<>(now);
    String below = directory.isEmpty() || directory.endsWith("/") ? directory : directory + "/";
    for (Map.Entry<String, PathState> each : all.tailMap(below, false).entrySet()) {
      String child = each.getKey();
      if (!child.startsWith(below)) {
        break;
      }
      String name = child.substring(below.length());
      if (name.indexOf('/') >= 0) {
        continue;
      }
      PathState state = each.getValue();
      if (state.isThere() && !state.wasThere()) {
        names.remove(name);
        names.remove(name + "/");
      } else if (state.wasThere() && !state.isThere()) {
        names.add(hasBelow(all, child) ? name + "/" : name);
      }
    }
    return names;
  }
}
