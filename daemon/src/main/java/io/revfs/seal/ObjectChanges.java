package io.revfs.seal;

import io.revfs.cache.Cache;

/**
 * When the kernel is to look anew for where bytes are. It keeps what it found: an object that
 * completes is still read through the object layer, and one that was evicted keeps its place on the
 * disk. Looking anew costs every file one lookup, so it is done when there is a pause, and at the
 * latest after a while. Not thread-safe: for one clock.
 */
final class ObjectChanges {
  private static final int MOST_TICKS = 10;

  private final Cache cache;
  private final Objects objects;
  private Cache.Changes acted;
  private Cache.Changes last;
  private int waited;

  ObjectChanges(Cache cache, Objects objects) {
    this.cache = cache;
    this.objects = objects;
    this.acted = cache.changes();
    this.last = acted;
  }

  /** Returns whether it is time; to be called every second or so. */
  boolean isDue() {
    Cache.Changes now = cache.changes();
    boolean pause = now.equals(last);
    last = now;
    boolean gone = now.evicted() != acted.evicted();
    boolean came = now.completed() != acted.completed() && objects.lookups() > 0;
    if (!gone && !came) {
      waited = 0;
      return false;
    }
    if (!pause && ++waited < MOST_TICKS) {
      return false;
    }
    acted = now;
    waited = 0;
    return true;
  }
}
