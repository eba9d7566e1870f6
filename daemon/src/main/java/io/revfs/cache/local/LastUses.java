package io.revfs.cache.local;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.revfs.object.ObjectKey;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Executor;

/** When objects were used last, gathered and written to the index in batches. Thread-safe. */
final class LastUses {
  private static final int MOST_UNFLUSHED_USES = 4096;

  private final ObjectTable table;
  private final InstantSource clock;
  private final Executor workers;
  private final Object usesLock = new Object();

  @GuardedBy("usesLock")
  private Map<ObjectKey, Long> uses = new HashMap<>();

  LastUses(ObjectTable table, InstantSource clock, Executor workers) {
    this.table = table;
    this.clock = clock;
    this.workers = workers;
  }

  /** Takes note that an object is used now. */
  void used(ObjectKey key) {
    Map<ObjectKey, Long> flush = null;
    synchronized (usesLock) {
      uses.put(key, clock.millis());
      if (uses.size() >= MOST_UNFLUSHED_USES) {
        flush = uses;
        uses = new HashMap<>();
      }
    }
    if (flush != null) {
      Map<ObjectKey, Long> batch = flush;
      workers.execute(() -> table.touch(batch));
    }
  }

  /** Writes what has gathered. */
  void flush() {
    Map<ObjectKey, Long> flush;
    synchronized (usesLock) {
      flush = uses;
      uses = new HashMap<>();
    }
    table.touch(flush);
  }
}
