package io.revfs.workingcopy;

import io.revfs.fuse.WritableTree;
import java.io.Closeable;
import java.nio.file.Path;
import java.util.Optional;

/** Knows working copies that are shown to runs only. Thread-safe. */
public interface Unmounted {
  /** There are none. */
  Unmounted NONE = top -> Optional.empty();

  /** Returns what is shown of the working copy with this top; empty if it is none of them. */
  Optional<WritableTree> tree(Path top);

  /** Keeps a tree usable for one session, until what is returned is closed. */
  default Closeable use(Path top) {
    return () -> {};
  }
}
