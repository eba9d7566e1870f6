package io.revfs.fuse.kernel;

import io.revfs.fuse.FuseException;
import io.revfs.fuse.OpenFile;
import io.revfs.fuse.RequestContext;
import io.revfs.fuse.WritableTree;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * The open files of a writable session by the numbers that the kernel was told. A number that a
 * process before this one gave is opened again by its node when it is first used. Thread-safe.
 */
final class Handles {
  private static final int BITS_OF_ONE_PROCESS = 20;

  private final WritableTree tree;
  private final ConcurrentHashMap<Long, OpenFile> files = new ConcurrentHashMap<>();

  /** Begins where no process before this one can have been. */
  private final long first = System.currentTimeMillis() << BITS_OF_ONE_PROCESS;

  private final AtomicLong last = new AtomicLong(first);

  Handles(WritableTree tree) {
    this.tree = tree;
  }

  /** Gives a file a number. */
  long add(OpenFile file) {
    long handle = last.incrementAndGet();
    files.put(handle, file);
    return handle;
  }

  /** Returns an open file; {@code writing}: to change it. */
  OpenFile get(RequestContext context, long handle, long node, boolean writing)
      throws FuseException {
    OpenFile known = files.get(handle);
    if (known != null && (!writing || !(known instanceof OpenFile.Local l) || l.isWritable())) {
      return known;
    }
    int flags = writing ? WritableTree.READ_WRITE : WritableTree.READ_ONLY;
    // Nobody is to hear of it once more: the caller has it open.
    RequestContext quiet = new RequestContext(context.uid(), context.gid(), 0, context.mayBlock());
    OpenFile again = tree.open(quiet, node, flags, false);
    OpenFile before = files.put(handle, again);
    if (before != null) {
      before.close(); // opened for reading, after a restart
    }
    return again;
  }

  /** Returns whether this process gave the number. */
  boolean isOurs(long handle) {
    return handle > first;
  }

  /** Returns a file that this process opened, or null. */
  @Nullable OpenFile find(long handle) {
    return files.get(handle);
  }

  /** Takes a file out; null if this process did not open it. */
  @Nullable OpenFile remove(long handle) {
    return files.remove(handle);
  }

  /** Closes all. */
  void close() {
    files
        .keySet()
        .forEach(
            handle -> {
              OpenFile file = files.remove(handle);
              if (file != null) {
                file.close();
              }
            });
  }
}
