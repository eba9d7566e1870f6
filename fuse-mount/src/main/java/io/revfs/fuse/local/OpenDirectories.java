package io.revfs.fuse.local;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.revfs.fuse.Errno;
import io.revfs.fuse.FileNames;
import io.revfs.fuse.FileTree;
import io.revfs.fuse.FuseException;
import io.revfs.fuse.local.NodeMemory.Place;
import io.revfs.posix.NameCalls;
import io.revfs.posix.Posix;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The directories used last, held open: who works in one does not walk its path each time. A
 * directory that is renamed stays the one it is. Paths are walked without following symbolic links,
 * so nothing outside the root is ever reached. Thread-safe.
 */
final class OpenDirectories {
  /** Far below the usual limit of 1024 descriptors; a tree of millions has as many as this. */
  private static final int MOST = 128;

  /** PATH_MAX of linux/limits.h: a deeper directory is opened from the one above it. */
  private static final int LONGEST_PATH = 4096;

  private final int root;
  private final LocalNodes nodes;

  @GuardedBy("this")
  private final Map<Long, Lease> open = new LinkedHashMap<>(MOST, 0.75f, true);

  /** {@code root}: a descriptor that stays the caller's. */
  OpenDirectories(int root, LocalNodes nodes) {
    this.root = root;
    this.nodes = nodes;
  }

  /** A directory in use; {@link #close} ends the use. */
  final class Lease implements AutoCloseable {
    final int fd;
    private int users = 1; // with the lock of the directories
    private boolean kept; // with that lock

    private Lease(int fd) {
      this.fd = fd;
    }

    @Override
    public void close() {
      boolean last;
      synchronized (OpenDirectories.this) {
        users--;
        last = users == 0 && !kept;
      }
      if (last && fd != root) {
        int unused = Posix.close(fd);
      }
    }
  }

  /** Opens a directory, or finds it open. */
  Lease open(long node) throws FuseException {
    synchronized (this) {
      Lease found = open.get(node);
      if (found != null) {
        found.users++;
        return found;
      }
    }
    if (node == FileTree.ROOT) {
      return new Lease(root);
    }
    int fd = openPath(node);
    if (fd < 0) {
      throw new FuseException(Errno.of(-fd), "directory of node " + node);
    }
    Lease lease = new Lease(fd);
    Lease leaves;
    synchronized (this) {
      lease.kept = true;
      Lease before = open.put(node, lease);
      leaves = before == null ? oldest() : before;
      if (leaves != null) {
        leaves.kept = false;
        if (leaves.users > 0) {
          leaves = null;
        }
      }
    }
    if (leaves != null) {
      int unused = Posix.close(leaves.fd);
    }
    return lease;
  }

  private int openPath(long node) throws FuseException {
    byte[] path = nodes.path(node);
    if (path.length < LONGEST_PATH) {
      return NameCalls.openBelow(root, path, NameCalls.O_PATH | Posix.O_DIRECTORY);
    }
    Place place = nodes.place(node).orElseThrow(() -> new FuseException(Errno.ESTALE, "moved"));
    try (Lease parent = open(place.parent())) {
      byte[] name = FileNames.encode(place.name());
      return NameCalls.openBelow(parent.fd, name, NameCalls.O_PATH | Posix.O_DIRECTORY);
    }
  }

  @GuardedBy("this")
  private @org.jspecify.annotations.Nullable Lease oldest() {
    if (open.size() <= MOST) {
      return null;
    }
    Iterator<Lease> all = open.values().iterator();
    Lease oldest = all.next();
    all.remove();
    return oldest;
  }

  /** Forgets a directory that was removed. */
  void drop(long node) {
    Lease leaves;
    synchronized (this) {
      leaves = open.remove(node);
      if (leaves == null) {
        return;
      }
      leaves.kept = false;
      if (leaves.users > 0) {
        return;
      }
    }
    int unused = Posix.close(leaves.fd);
  }

  /** Closes all that nobody uses; the rest when its use ends. */
  void close() {
    Long[] all;
    synchronized (this) {
      all = open.keySet().toArray(Long[]::new);
    }
    for (Long node : all) {
      drop(node);
    }
  }
}
