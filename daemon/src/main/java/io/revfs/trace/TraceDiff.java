package io.revfs.trace;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** How two runs differ in what they did. */
public final class TraceDiff {
  private TraceDiff() {}

  /**
   * A path with which they did not do the same.
   *
   * @param older what the one did; empty if nothing
   * @param newer what the other did; empty if nothing
   */
  public record Change(String path, Optional<TracedPath> older, Optional<TracedPath> newer) {
    /** Returns whether other bytes, or another listing, were read. */
    public boolean isOtherInput() {
      return older.isPresent()
          && newer.isPresent()
          && (!older.get().before().equals(newer.get().before())
              || !older.get().listing().equals(newer.get().listing()));
    }

    /** Returns whether other bytes were left. */
    public boolean isOtherOutput() {
      return older.isPresent()
          && newer.isPresent()
          && !older.get().after().equals(newer.get().after());
    }
  }

  /** Returns the paths that differ in deeds or digests, sorted; those only looked at count not. */
  public static List<Change> between(Trace older, Trace newer) {
    Map<String, TracedPath> one = byPath(older);
    Map<String, TracedPath> two = byPath(newer);
    Map<String, TracedPath> all = new TreeMap<>(one);
    all.putAll(two);
    List<Change> changes = new ArrayList<>();
    for (String path : all.keySet()) {
      Change change =
          new Change(path, Optional.ofNullable(one.get(path)), Optional.ofNullable(two.get(path)));
      boolean same =
          change.older().isPresent()
              && change.newer().isPresent()
              && change.older().get().deeds().equals(change.newer().get().deeds())
              && !change.isOtherInput()
              && !change.isOtherOutput();
      if (!same) {
        changes.add(change);
      }
    }
    return changes;
  }

  private static Map<String, TracedPath> byPath(Trace trace) {
    Map<String, TracedPath> paths = new TreeMap<>();
    for (List<TracedPath> part : List.of(trace.paths(), trace.outside())) {
      for (TracedPath path : part) {
        if (!path.has(Deed.STATTED)) {
          paths.put(path.path(), path);
        }
      }
    }
    return paths;
  }
}
