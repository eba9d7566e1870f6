package io.revfs.trace.recording;

import io.revfs.object.Digest;
import io.revfs.trace.Deed;
import io.revfs.trace.TracedPath;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** What is known of one path while a run goes on. Guarded by itself. */
final class PathState {
  private static final int MOST_PROCESSES = 8;

  /** Where what has the name comes from. */
  private enum Origin {
    UNKNOWN,
    BEFORE,
    IN_RUN
  }

  private final long firstMillis;
  private final EnumSet<Deed> deeds = EnumSet.noneOf(Deed.class);
  private final List<Integer> processes = new ArrayList<>();
  private Origin origin = Origin.UNKNOWN;
  private boolean exists;

  /** Whether the bytes may be others than before the run. */
  private boolean changed;

  /** Whether they were not when another name took them away. */
  private boolean movedWhole;

  private String from = "";
  private @Nullable CompletableFuture<Optional<Digest>> before;

  PathState(long firstMillis) {
    this.firstMillis = firstMillis;
  }

  synchronized void usedBy(int process) {
    if (process > 0 && processes.size() < MOST_PROCESSES && !processes.contains(process)) {
      processes.add(process);
    }
  }

  /** Something was done with what has the name: if that is the first to be heard, it was there. */
  synchronized void found(Deed deed) {
    if (origin == Origin.UNKNOWN) {
      origin = Origin.BEFORE;
      exists = true;
    }
    deeds.add(deed);
  }

  synchronized void absent() {
    deeds.add(Deed.ABSENT);
  }

  /** Returns whether the bytes that were there before are to be hashed now, if they are not yet. */
  synchronized boolean isBeforeWanted() {
    return origin == Origin.BEFORE && exists && !changed && before == null;
  }

  synchronized void before(CompletableFuture<Optional<Digest>> digest) {
    if (before == null) {
      before = digest;
    }
  }

  synchronized void written() {
    found(Deed.WRITTEN);
    changed = true;
  }

  synchronized void created(String content) {
    if (origin == Origin.UNKNOWN) {
      origin = Origin.IN_RUN;
    }
    exists = true;
    changed = true;
    from = content;
    deeds.add(Deed.WRITTEN);
  }

  synchronized void deleted() {
    found(Deed.DELETED);
    exists = false;
    changed = true;
  }

  /** Returns whether it was there before the run. */
  synchronized boolean wasThere() {
    return origin == Origin.BEFORE;
  }

  /** Returns whether it is there, as far as that was heard. */
  synchronized boolean isThere() {
    return exists;
  }

  synchronized boolean has(Deed deed) {
    return deeds.contains(deed);
  }

  /** What had this name has another one now. Returns whether anything is left to tell of this. */
  synchronized boolean movedAway() {
    if (origin != Origin.BEFORE) {
      return false;
    }
    deeds.add(Deed.RENAMED);
    movedWhole = !changed;
    exists = false;
    changed = true;
    return true;
  }

  /** Returns whether what was there before is under another name now, and not hashed yet. */
  synchronized boolean isMovedWhole() {
    return movedWhole && before == null;
  }

  /**
   * What had another name has this one now.
   *
   * @param name the other one
   */
  synchronized void movedHere(PathState other, String name) {
    synchronized (other) { // only with the table locked, so no two threads do this
      created(other.origin == Origin.BEFORE ? name : other.from);
      for (Deed deed : List.of(Deed.READ, Deed.EXECUTED, Deed.LISTED, Deed.ATTRIBUTES)) {
        if (other.origin != Origin.BEFORE && other.has(deed)) {
          deeds.add(deed);
        }
      }
      other.processes.forEach(this::usedBy);
    }
  }

  /** Returns the digest of what was there before, waiting for it. */
  Optional<Digest> awaitBefore() {
    CompletableFuture<Optional<Digest>> digest;
    synchronized (this) {
      boolean used = has(Deed.READ) || has(Deed.EXECUTED) || has(Deed.RENAMED);
      digest = used ? before : null;
    }
    return digest == null ? Optional.empty() : digest.join();
  }

  /** Returns the deeds to tell of; none for what was there only in between. */
  synchronized EnumSet<Deed> verdict(boolean isDirectory) {
    EnumSet<Deed> told = EnumSet.copyOf(deeds);
    told.remove(Deed.STATTED);
    if (origin == Origin.IN_RUN) {
      if (!exists) {
        return EnumSet.noneOf(Deed.class);
      }
      told.add(Deed.CREATED);
    }
    if (exists) {
      told.remove(Deed.DELETED); // it came back
    }
    if (origin == Origin.BEFORE && !exists) {
      told.remove(Deed.WRITTEN); // nothing is left of it
      told.add(Deed.DELETED);
    }
    if (origin != Origin.UNKNOWN) {
      told.remove(Deed.ABSENT);
    }
    if (isDirectory && told.contains(Deed.CREATED)) {
      told.remove(Deed.WRITTEN);
    }
    if (told.isEmpty() && deeds.contains(Deed.STATTED)) {
      told.add(Deed.STATTED);
    }
    return told;
  }

  synchronized TracedPath told(
      String path,
      EnumSet<Deed> verdict,
      Optional<Digest> read,
      Optional<Digest> left,
      Optional<Digest> listing) {
    return new TracedPath(path, verdict, read, left, listing, from, processes, firstMillis);
  }
}
