package io.revfs.tree;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The times of directories whose names come and go: when that was last seen to happen, so that a
 * kernel that keeps listings knows when to ask anew. Thread-safe.
 */
final class ListingTimes {
  private final Map<Long, Listed> listed = new ConcurrentHashMap<>();

  /** What a directory was seen to hold, since when. */
  private record Listed(List<NamesListing.Name> names, long seconds) {}

  /** Returns the time for a directory that holds these names now, in seconds since the epoch. */
  long seconds(long directory, List<NamesListing.Name> names) {
    return listed
        .compute(
            directory,
            (k, before) -> {
              if (before != null && before.names().equals(names)) {
                return before;
              }
              long seconds = Instant.now().getEpochSecond();
              return new Listed(
                  names, before == null ? seconds : Math.max(seconds, before.seconds() + 1));
            })
        .seconds();
  }
}
