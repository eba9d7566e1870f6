package io.revfs.workspace;

import io.revfs.object.ObjectKey;
import java.io.IOException;
import java.nio.file.Path;

/**
 * Knows of outputs that are shown in a working copy and have not been written: they hold what is
 * recorded, though nothing of them is in the cache or was ever read. Thread-safe.
 */
@FunctionalInterface
public interface ShownOutputs {
  /** Nothing is shown. */
  ShownOutputs NONE = (place, key) -> false;

  /** Returns whether a place shows just this, and nothing in it was written or deleted. */
  boolean isUntouched(Path place, ObjectKey key);

  /**
   * Returns what is shown at a place and cannot be seen by its path. Files that are really there
   * are not among it.
   *
   * @param sizes whether the size is wanted too, which may have to be asked for
   */
  default Unseen unseen(Path place, boolean sizes) throws IOException {
    return Unseen.NOTHING;
  }

  /** Shows nothing at a place any more: what is there was removed. */
  default void removed(Path place) throws IOException {}

  /** Returns who knows what this one and another know, which know of different places. */
  default ShownOutputs and(ShownOutputs other) {
    ShownOutputs one = this;
    return new ShownOutputs() {
      @Override
      public boolean isUntouched(Path place, ObjectKey key) {
        return one.isUntouched(place, key) || other.isUntouched(place, key);
      }

      @Override
      public Unseen unseen(Path place, boolean sizes) throws IOException {
        Unseen found = one.unseen(place, sizes);
        return found.isEmpty() ? other.unseen(place, sizes) : found;
      }

      @Override
      public void removed(Path place) throws IOException {
        one.removed(place);
        other.removed(place);
      }
    };
  }
}
