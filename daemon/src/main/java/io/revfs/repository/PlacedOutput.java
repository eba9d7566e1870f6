package io.revfs.repository;

import io.revfs.dvc.Output;
import io.revfs.object.Origins;
import io.revfs.snapshot.Entry;
import java.util.Optional;

/**
 * An output where it lies in a snapshot.
 *
 * @param path from the repository's root
 * @param output what the file that names it says; absent if that cannot be read
 * @param origins where its objects come from
 * @param problem why it cannot be shown, if it cannot
 */
record PlacedOutput(
    String path, Optional<Output> output, Origins origins, Optional<String> problem) {
  static PlacedOutput broken(String path, String problem) {
    return new PlacedOutput(path, Optional.empty(), Entry.NOWHERE, Optional.of(problem));
  }
}
