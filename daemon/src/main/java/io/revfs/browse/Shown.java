package io.revfs.browse;

import io.revfs.snapshot.Entry;
import java.io.IOException;

/** Which entries of a place a listing shows. */
final class Shown {
  private final Places.Place place;

  Shown(Places.Place place) {
    this.place = place;
  }

  /** {@code path} from the repository's root. */
  boolean isShown(String path, Entry entry, boolean dvcOnly) throws IOException {
    if (isOtherProjects(path)) {
      return false;
    }
    if (isOut(entry)) {
      return true;
    }
    if (dvcOnly) {
      return holdsOutput(entry);
    }
    return !isDvcsOwn(path) && !place.snapshot().isIgnored(path);
  }

  /** Whether it is data: shown, and not what describes data. {@code path} as above. */
  boolean isData(String path, Entry entry) throws IOException {
    boolean describes =
        entry.tracking() == Entry.Tracking.GIT
            && entry.kind() == Entry.Kind.FILE
            && (entry.name().endsWith(".dvc")
                || entry.name().equals("dvc.yaml")
                || entry.name().equals(".dvcignore"));
    return !describes && isShown(path, entry, false);
  }

  /** DVC does not look into other projects below its own. */
  private boolean isOtherProjects(String path) {
    return place.snapshot().projects().stream()
        .anyMatch(
            project ->
                !project.isEmpty()
                    && path.startsWith(project + "/")
                    && !(place.path() + "/").startsWith(project + "/"));
  }

  /** Repositories' own directories, which {@code dvc ls} never shows. */
  private static boolean isDvcsOwn(String path) {
    return path.equals(".dvc")
        || path.startsWith(".dvc/")
        || path.contains("/.dvc/")
        || path.endsWith("/.dvc");
  }

  static boolean isOut(Entry entry) {
    return entry.tracking() != Entry.Tracking.GIT;
  }

  private static boolean holdsOutput(Entry entry) throws IOException {
    if (isOut(entry)) {
      return true;
    }
    boolean[] found = {false};
    if (entry.directory().isPresent()) {
      entry
          .directory()
          .get()
          .list(
              0,
              child -> {
                found[0] = holdsOutput(child);
                return !found[0];
              });
    }
    return found[0];
  }
}
