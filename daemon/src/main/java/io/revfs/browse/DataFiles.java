package io.revfs.browse;

import io.revfs.snapshot.TreeWalk;
import java.io.IOException;

/** The data of a place: what {@code get} and {@code import} copy, without what describes it. */
public final class DataFiles {
  private DataFiles() {}

  /**
   * Passes all files of a directory, by path from it.
   *
   * @throws IllegalArgumentException if the place is no directory
   */
  public static void of(Places.Place place, TreeWalk.Visitor visitor) throws IOException {
    Shown shown = new Shown(place);
    String prefix = place.path().isEmpty() ? "" : place.path() + "/";
    TreeWalk.files(
        place
            .entry()
            .directory()
            .orElseThrow(() -> new IllegalArgumentException(place.path() + " is no directory")),
        (path, entry) -> {
          if (shown.isData(prefix + path, entry)) {
            visitor.visit(path, entry);
          }
        });
  }
}
