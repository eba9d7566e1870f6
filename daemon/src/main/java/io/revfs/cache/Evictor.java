package io.revfs.cache;

import io.revfs.object.ObjectKey;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Takes the least recently used objects that may be taken, one eviction at a time. */
final class Evictor {
  private static final Logger log = LoggerFactory.getLogger(Evictor.class);
  private static final int LEAST_CANDIDATES = 1000;
  private final ObjectTable table;
  private final ObjectFiles files;
  private final CacheStatistics statistics;
  private final Predicate<ObjectKey> mayEvict;

  private record Candidate(ObjectKey key, long bytes) {}

  Evictor(
      ObjectTable table,
      ObjectFiles files,
      CacheStatistics statistics,
      Predicate<ObjectKey> mayEvict) {
    this.table = table;
    this.files = files;
    this.statistics = statistics;
    this.mayEvict = mayEvict;
  }

  synchronized Cache.EvictionResult evict(long targetBytes, boolean dryRun) {
    long used = table.totals().usedBytes();
    long goal = used - targetBytes;
    List<Candidate> candidates = new ArrayList<>();
    long[] found = {0};
    if (goal > 0) {
      // More than needed are listed, as some may not be taken; pins are looked up afterwards, since
      // no transaction may be opened in another.
      table.oldestFirst(
          (key, bytes) -> {
            candidates.add(new Candidate(key, bytes));
            found[0] += bytes;
            return found[0] < 2 * goal || candidates.size() < LEAST_CANDIDATES;
          });
    }
    found[0] = 0;
    long objects = 0;
    for (Candidate candidate : candidates) {
      if (found[0] >= goal) {
        break;
      }
      if (!mayEvict.test(candidate.key())) {
        continue;
      }
      if (!dryRun && !take(candidate)) {
        continue;
      }
      found[0] += candidate.bytes();
      objects++;
    }
    return new Cache.EvictionResult(objects, found[0], used - (dryRun ? 0 : found[0]));
  }

  private boolean take(Candidate candidate) {
    try {
      // The record first: a kill in between leaves a file that is found, and verified, again.
      table.remove(candidate.key());
      Files.deleteIfExists(files.complete(candidate.key()));
      Files.deleteIfExists(files.partial(candidate.key()));
      statistics.evictedBytes.add(candidate.bytes());
      statistics.evictedObjects.increment();
      return true;
    } catch (IOException e) {
      log.warn("{} cannot be evicted: {}", candidate.key(), e.getMessage());
      return false;
    }
  }
}
