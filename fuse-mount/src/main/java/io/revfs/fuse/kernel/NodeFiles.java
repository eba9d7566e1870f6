package io.revfs.fuse.kernel;

import io.revfs.fuse.FileTree;
import io.revfs.fuse.FuseException;
import io.revfs.fuse.OpenFile;
import io.revfs.fuse.RequestContext;
import io.revfs.fuse.device.NativeCalls;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * Files kept open by node, because the kernel does not say when it opens and closes them, or said
 * it to a process that is gone. A few thousand at most; who was not used for longest makes room,
 * and what is idle is closed. Finding one that is open allocates nothing. Thread-safe.
 *
 * <p>The places are an associative cache: a node may lie in the few ways of one set, each under its
 * own lock.
 */
final class NodeFiles {
  private static final int SETS = 256; // a power of two
  private static final int WAYS = 4;

  private final FileTree tree;
  private final boolean dropPages;
  private final Set[] sets = new Set[SETS];

  /** A few places, under one lock: its own. */
  private static final class Set {
    final @Nullable Lease[] ways = new Lease[WAYS];
  }

  /** An open file that the holder may read until {@link NodeFiles#release}. */
  static final class Lease {
    final long node;
    final OpenFile file;
    private final Set set;

    private int users; // with the lock of its set

    private boolean kept; // with the lock of its set

    private long usedNanos; // with the lock of its set

    /** Whether reading it brings pages into the page cache that were not there. */
    private final boolean fillsCache;

    private Lease(long node, OpenFile file, Set set, boolean fillsCache) {
      this.fillsCache = fillsCache;
      this.node = node;
      this.file = file;
      this.set = set;
    }
  }

  /**
   * @param dropPages whether the pages of local files that reads brought into the page cache leave
   *     it when they are closed: the kernel has them under the mount's own node by then
   */
  NodeFiles(FileTree tree, boolean dropPages) {
    this.tree = tree;
    this.dropPages = dropPages;
    for (int i = 0; i < SETS; i++) {
      sets[i] = new Set();
    }
  }

  private Set set(long node) {
    return sets[(int) ((node * 0x9E3779B97F4A7C15L) >>> 56) & (SETS - 1)];
  }

  /** Opens a node's file, or finds it open. */
  Lease acquire(RequestContext context, long node) throws FuseException {
    Set set = set(node);
    synchronized (set) {
      Lease found = find(set, node);
      if (found != null) {
        found.users++;
        return found;
      }
    }
    OpenFile file = tree.open(context, node); // without the lock: it may wait
    Lease lease = new Lease(node, file, set, dropPages && !isCached(file));
    Lease loser;
    synchronized (set) {
      Lease found = find(set, node);
      if (found != null) {
        found.users++;
        loser = lease;
        lease = found;
      } else {
        lease.users = 1;
        loser = keep(set, lease);
      }
    }
    if (loser != null) {
      close(loser);
    }
    return lease;
  }

  /** Returns whether most of a local file is in the page cache. */
  private static boolean isCached(OpenFile file) {
    int fd = descriptor(file);
    return fd >= 0 && NativeCalls.cachedPages(fd) * Wire.PAGE_BYTES > file.size() / 2;
  }

  private static int descriptor(OpenFile file) {
    if (file instanceof OpenFile.Backed backed) {
      try {
        return NativeCalls.descriptor(backed.channel());
      } catch (IOException e) {
        // It is gone from the disk, so it has no pages either.
      }
    }
    return -1;
  }

  /** With the lock of the set. */
  private static @Nullable Lease find(Set set, long node) {
    for (Lease way : set.ways) {
      if (way != null && way.node == node) {
        return way;
      }
    }
    return null;
  }

  /**
   * Puts a lease into a way; returns the one that made room, unless all are in use. With the lock
   * of the set.
   */
  private static @Nullable Lease keep(Set set, Lease lease) {
    int best = -1;
    for (int i = 0; i < WAYS; i++) {
      Lease way = set.ways[i];
      if (way == null) {
        best = i;
        break;
      }
      Lease chosen = best < 0 ? null : set.ways[best];
      if (way.users == 0 && (chosen == null || way.usedNanos - chosen.usedNanos < 0)) {
        best = i;
      }
    }
    if (best < 0) {
      return null; // closed as soon as it is released
    }
    Lease leaves = set.ways[best];
    if (leaves != null) {
      leaves.kept = false;
    }
    set.ways[best] = lease;
    lease.kept = true;
    return leaves;
  }

  /** Ends a use. */
  void release(Lease lease) {
    boolean last;
    synchronized (lease.set) {
      lease.users--;
      lease.usedNanos = System.nanoTime();
      last = lease.users == 0 && !lease.kept;
    }
    if (last) {
      close(lease);
    }
  }

  /** Forgets a node's file, so the next use opens it anew. */
  void drop(long node) {
    closeIf(set(node), lease -> lease.node == node);
  }

  /** Forgets a node's file where we answer its reads: it may be complete meanwhile. */
  void dropServed(long node) {
    closeIf(set(node), lease -> lease.node == node && lease.file instanceof OpenFile.Served);
  }

  /** Closes what was not used for so long, in nanoseconds. */
  void closeIdle(long nanoseconds) {
    long now = System.nanoTime();
    for (Set set : sets) {
      closeIf(set, lease -> now - lease.usedNanos >= nanoseconds);
    }
  }

  /** Closes all that nobody uses; the rest when it is released. */
  void closeAll() {
    for (Set set : sets) {
      closeIf(set, lease -> true);
    }
  }

  private void closeIf(Set set, java.util.function.Predicate<Lease> condition) {
    for (int i = 0; i < WAYS; i++) {
      Lease leaves;
      synchronized (set) {
        leaves = set.ways[i];
        if (leaves == null || leaves.users > 0 || !condition.test(leaves)) {
          continue;
        }
        leaves.kept = false;
        set.ways[i] = null;
      }
      close(leaves);
    }
  }

  private static void close(Lease lease) {
    if (lease.fillsCache) {
      int fd = descriptor(lease.file);
      if (fd >= 0) {
        NativeCalls.dropPages(fd);
      }
    }
    lease.file.close();
  }
}
