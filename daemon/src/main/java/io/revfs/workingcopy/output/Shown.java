package io.revfs.workingcopy.output;

import io.revfs.snapshot.Entry;
import java.util.List;
import java.util.Optional;

/**
 * What outputs have at a path.
 *
 * @param path its names from the root
 * @param output the path of the output it belongs to; empty of a directory on the way to one
 * @param entry what it is; empty of a directory on the way
 * @param below the directories and outputs that lie in a directory on the way, by name
 */
public record Shown(
    List<String> path, String output, Optional<Entry> entry, Optional<OutputPlaces> below) {
  public boolean isDirectory() {
    return entry.isEmpty() || entry.get().directory().isPresent();
  }
}
