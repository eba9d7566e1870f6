package io.revfs.trace;

import io.revfs.object.Digest;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What a run did with one path.
 *
 * @param path from the root of the working copy; absolute if it is outside
 * @param deeds at least one
 * @param before what was read of it, as it was before the run changed it; empty if it was not read
 *     then, or could not be known
 * @param after what the run left there; empty if it did not write it, or left no file
 * @param listing of a directory that was listed: the MD5 of its names as they were before the run
 *     (see {@link Listings})
 * @param from the path whose content was put here by renaming or linking; empty if none was
 * @param processes ids of the first processes that used it
 * @param firstMillis when it was used first, in milliseconds after the run began
 */
public record TracedPath(
    String path,
    Set<Deed> deeds,
    Optional<Digest> before,
    Optional<Digest> after,
    Optional<Digest> listing,
    String from,
    List<Integer> processes,
    long firstMillis) {
  public TracedPath {
    if (deeds.isEmpty()) {
      throw new IllegalArgumentException("nothing was done with " + path);
    }
    deeds = Collections.unmodifiableSet(EnumSet.copyOf(deeds));
    processes = List.copyOf(processes);
  }

  /** Returns whether this was done with it. */
  public boolean has(Deed deed) {
    return deeds.contains(deed);
  }

  /**
   * Returns whether the run depended on what it held before: that was read, or went elsewhere by
   * renaming, and was not the run's own.
   */
  public boolean isInput() {
    boolean used = has(Deed.READ) || has(Deed.EXECUTED) || has(Deed.RENAMED);
    return used && !has(Deed.CREATED) && (before.isPresent() || !has(Deed.WRITTEN));
  }

  /** Returns whether the run left something there. */
  public boolean isOutput() {
    return has(Deed.WRITTEN) && !has(Deed.DELETED);
  }
}
