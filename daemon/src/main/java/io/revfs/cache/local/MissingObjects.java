package io.revfs.cache.local;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.revfs.cache.Cache;
import io.revfs.object.ObjectKey;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The objects that were looked for and found nowhere: how often that was, and the latest {@value
 * #MOST} of them until they turn up. Thread-safe.
 */
final class MissingObjects {
  private static final int MOST = 100;

  @GuardedBy("this")
  private final Map<ObjectKey, String> latest = new LinkedHashMap<>();

  @GuardedBy("this")
  private long times;

  /** {@code searched}: where, for people. */
  synchronized void add(ObjectKey key, String searched) {
    times++;
    latest.remove(key);
    latest.put(key, searched);
    if (latest.size() > MOST) {
      latest.remove(latest.keySet().iterator().next());
    }
  }

  /** It is here now. */
  synchronized void found(ObjectKey key) {
    latest.remove(key);
  }

  synchronized long times() {
    return times;
  }

  synchronized List<Cache.MissingObject> list() {
    return latest.entrySet().stream()
        .map(entry -> new Cache.MissingObject(entry.getKey().name(), entry.getValue()))
        .toList();
  }
}
