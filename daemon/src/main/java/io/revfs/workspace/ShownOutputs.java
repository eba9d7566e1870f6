package io.revfs.workspace;

import io.revfs.object.ObjectKey;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/**
 * Knows of outputs that are shown in attached working copies: they hold what is recorded, though
 * nothing of them is in the work tree, or was ever read. Where no place is attached, the answers
 * are those that are given here. Thread-safe.
 */
@FunctionalInterface
public interface ShownOutputs {
  /** Nothing is attached. */
  ShownOutputs NONE = place -> Optional.empty();

  /**
   * Returns what a place shows, all of it and nothing else: nothing in it was written or deleted;
   * empty if that is not so.
   */
  Optional<ObjectKey> shown(Path place);

  /** Returns whether a place is in an attached working copy. */
  default boolean isAttached(Path place) {
    return false;
  }

  /**
   * Returns what an attached working copy would show if one of its files that name outputs had
   * other bytes, as far as its bytes can be had: that is asked for, nothing but lists is fetched.
   *
   * @param file a {@code dvc.lock} or {@code .dvc} file
   */
  default Map<Path, ObjectKey> obtainable(Path file, byte[] content) throws IOException {
    return Map.of();
  }

  /**
   * Returns a file of a few megabytes at most from where the outputs of such a file come from;
   * empty if it cannot be had.
   */
  default Optional<byte[]> small(Path file, byte[] content, ObjectKey key) throws IOException {
    return Optional.empty();
  }

  /** Takes away what was written at a place, and shows all of its output, also what was deleted. */
  default void showAgain(Path place) throws IOException {}

  /**
   * Takes away all of an output, what is shown and what was written, however large it is; returns
   * false, and does nothing, if the place is in no attached working copy.
   */
  default boolean takeAway(Path place) throws IOException {
    return false;
  }

  /** Returns who knows what this one and another know, which know of different places. */
  default ShownOutputs and(ShownOutputs other) {
    return new ShownOutputsOfBoth(this, other);
  }
}
