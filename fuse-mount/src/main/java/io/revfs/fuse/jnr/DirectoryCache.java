package io.revfs.fuse.jnr;

import io.revfs.fuse.FileTree;
import java.util.Iterator;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Directories by parent and name, each with the one reference of its lookup, which is given back
 * when the entry is gone and nobody uses it any more. Bounded. Thread-safe.
 */
final class DirectoryCache {
  private static final int MAX_ENTRIES = 1 << 16;

  private final FileTree tree;
  private final int limit;
  private final ConcurrentHashMap<Key, Lease> entries = new ConcurrentHashMap<>();

  private record Key(long parent, String name) {}

  DirectoryCache(FileTree tree) {
    this(tree, MAX_ENTRIES);
  }

  DirectoryCache(FileTree tree, int limit) {
    this.tree = tree;
    this.limit = limit;
  }

  /** The right to use a directory's node, until closed. */
  final class Lease implements AutoCloseable {
    private final long node;
    private final long expires; // by System.nanoTime
    private final AtomicInteger users = new AtomicInteger(1);

    private Lease(long node, long lifetimeNanos) {
      this.node = node;
      this.expires = System.nanoTime() + lifetimeNanos;
    }

    long node() {
      return node;
    }

    private boolean isExpired() {
      return System.nanoTime() - expires >= 0;
    }

    /** Adds a user, unless the last one has gone. */
    private boolean enter() {
      int now = users.get();
      while (now > 0) {
        if (users.compareAndSet(now, now + 1)) {
          return true;
        }
        now = users.get();
      }
      return false;
    }

    @Override
    public void close() {
      if (users.decrementAndGet() == 0) {
        tree.forget(node, 1);
      }
    }
  }

  /** Returns a lease of a remembered directory; null if there is none. */
  @Nullable Lease find(long parent, String name) {
    Key key = new Key(parent, name);
    Lease lease = entries.get(key);
    if (lease == null) {
      return null;
    }
    if (lease.isExpired()) {
      drop(key, lease);
      return null;
    }
    return lease.enter() ? lease : null;
  }

  /** Takes over the reference of a lookup, and remembers it for its lifetime if that is not 0. */
  Lease lease(long parent, String name, long node, double lifetimeSeconds) {
    // A day is long enough, and far from overflow.
    double seconds = Math.min(lifetimeSeconds, 86_400.0);
    Lease lease = new Lease(node, (long) (seconds * TimeUnit.SECONDS.toNanos(1)));
    if (seconds <= 0) {
      return lease;
    }
    if (entries.size() >= limit) {
      shrink();
    }
    lease.enter(); // the cache itself is a user
    Lease before = entries.put(new Key(parent, name), lease);
    if (before != null) {
      before.close();
    }
    return lease;
  }

  /** A quarter goes, whichever: what is used comes back with one lookup. */
  private void shrink() {
    Iterator<Key> keys = entries.keySet().iterator();
    for (int i = 0; i < Math.max(1, limit / 4) && keys.hasNext(); i++) {
      Key key = keys.next();
      Lease lease = entries.get(key);
      if (lease != null) {
        drop(key, lease);
      }
    }
  }

  private void drop(Key key, Lease lease) {
    if (entries.remove(key, lease)) {
      lease.close();
    }
  }

  int size() {
    return entries.size();
  }

  /** Forgets all. */
  void clear() {
    entries.forEach(this::drop);
  }
}
