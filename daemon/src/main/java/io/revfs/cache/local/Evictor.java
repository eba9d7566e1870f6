package io.revfs.cache.local;

import io.revfs.cache.Cache;
import io.revfs.object.ObjectKey;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes the least recently used objects that may be taken, one eviction at a time. Nobody tells of
 * uses by the kernel alone (of commits that it serves by itself), so an object whose file it has in
 * memory gets a second chance: it goes to the end of the order, and is taken in the same eviction
 * only if the others do not suffice.
 */
final class Evictor {
  private static final Logger log = LoggerFactory.getLogger(Evictor.class);
  private static final int LEAST_CANDIDATES = 1000;
  private final ObjectTable table;
  private final ObjectFiles files;
  private final CacheStatistics statistics;
  private final LastUses uses;
  private final Predicate<ObjectKey> mayEvict;
  private final Exclusion exclusion;

  /** Lets an object be taken while nobody can open it. */
  @FunctionalInterface
  interface Exclusion {
    /** Returns false if somebody has it open, else what {@code work} returned. */
    boolean ifUnused(ObjectKey key, BooleanSupplier work);
  }

  private record Candidate(ObjectKey key, long bytes) {}

  Evictor(
      ObjectTable table,
      ObjectFiles files,
      CacheStatistics statistics,
      LastUses uses,
      Predicate<ObjectKey> mayEvict,
      Exclusion exclusion) {
    this.table = table;
    this.files = files;
    this.statistics = statistics;
    this.uses = uses;
    this.mayEvict = mayEvict;
    this.exclusion = exclusion;
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
    List<Candidate> inMemory = new ArrayList<>();
    long bytes = 0;
    long objects = 0;
    for (Candidate candidate : candidates) {
      if (bytes >= goal) {
        break;
      }
      if (!mayEvict.test(candidate.key())) {
        continue;
      }
      if (PageCache.holds(files.complete(candidate.key()))) {
        inMemory.add(candidate);
      } else if (exclusion.ifUnused(candidate.key(), () -> dryRun || take(candidate))) {
        bytes += candidate.bytes();
        objects++;
      }
    }
    for (Candidate candidate : inMemory) {
      if (bytes < goal && mayEvict.test(candidate.key())) {
        if (exclusion.ifUnused(candidate.key(), () -> dryRun || take(candidate))) {
          bytes += candidate.bytes();
          objects++;
        }
      } else if (!dryRun) {
        uses.used(candidate.key());
      }
    }
    uses.flush();
    return new Cache.EvictionResult(objects, bytes, used - (dryRun ? 0 : bytes));
  }

  /** Runs something while nothing is evicted. */
  synchronized void alone(Runnable work) {
    work.run();
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
