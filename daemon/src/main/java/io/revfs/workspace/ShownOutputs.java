package io.revfs.workspace;

import io.revfs.object.ObjectKey;
import java.nio.file.Path;

/**
 * Knows of outputs that are shown in an attached working copy and have not been written: they hold
 * what is recorded, though nothing of them is in the cache or was ever read. Thread-safe.
 */
@FunctionalInterface
public interface ShownOutputs {
  /** Nothing is attached. */
  ShownOutputs NONE = (place, key) -> false;

  /** Returns whether a place shows just this, and nothing in it was written or deleted. */
  boolean isUntouched(Path place, ObjectKey key);
}
