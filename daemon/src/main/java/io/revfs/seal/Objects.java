package io.revfs.seal;

import io.revfs.cache.Cache;
import io.revfs.fuse.FileTree;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicLong;

/** What the object layer shows: all objects of sealed commits, by their digests. Thread-safe. */
public final class Objects {
  private final Cache cache;
  private final KnownOrigins origins = new KnownOrigins();
  private final AtomicLong lookups = new AtomicLong();

  public Objects(Cache cache) {
    this.cache = cache;
  }

  /**
   * Returns the tree for a session.
   *
   * @param nodes the file that remembers its nodes
   * @param restored whether the process before this one wrote it
   */
  public FileTree tree(Path nodes, boolean restored) throws IOException {
    return new ObjectTree(
        cache,
        restored ? ObjectNodes.restored(nodes) : ObjectNodes.fresh(nodes),
        origins::all,
        lookups::incrementAndGet);
  }

  KnownOrigins origins() {
    return origins;
  }

  /** Returns how many objects were looked up in the layer: what the cache did not have then. */
  long lookups() {
    return lookups.get();
  }
}
