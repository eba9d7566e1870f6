package io.revfs.cache.local;

import java.util.concurrent.atomic.LongAdder;

/** Counts since the cache was opened. Thread-safe. */
final class CacheStatistics {
  final LongAdder fetchedBytes = new LongAdder();
  final LongAdder fetches = new LongAdder();
  final LongAdder hitReads = new LongAdder();
  final LongAdder missReads = new LongAdder();
  final LongAdder corruptObjects = new LongAdder();
  final MissingObjects missing = new MissingObjects();
  final LongAdder evictedBytes = new LongAdder();
  final LongAdder evictedObjects = new LongAdder();
  final LongAdder completedObjects = new LongAdder();
  final LongAdder bufferBytes = new LongAdder();
}
