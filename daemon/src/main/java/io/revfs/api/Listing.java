package io.revfs.api;

import io.revfs.snapshot.Entry;
import io.revfs.snapshot.TreeWalk;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** {@code ls} as {@code dvc ls --json --size} says it. */
final class Listing {
  private Listing() {}

  /** One line; the names and their order are DVC's. */
  record Line(
      boolean isout,
      boolean isdir,
      boolean isexec,
      @Nullable Long size,
      @Nullable String md5,
      String path) {}

  /** Takes lines. */
  interface Sink {
    void line(Line line) throws IOException;
  }

  static void list(Places.Place place, boolean recursive, boolean dvcOnly, Sink sink)
      throws IOException {
    Entry entry = place.entry();
    if (entry.directory().isEmpty()) {
      String name = place.path().substring(place.path().lastIndexOf('/') + 1);
      if (!dvcOnly || isOut(entry)) {
        sink.line(line(name, entry));
      }
      return;
    }
    if (recursive) {
      TreeWalk.files(
          entry.directory().get(),
          (path, found) -> {
            if (!isDvcsOwn(path) && !(dvcOnly && !isOut(found))) {
              sink.line(line(path, found));
            }
          });
      return;
    }
    List<Line> lines = new ArrayList<>();
    entry
        .directory()
        .get()
        .list(
            0,
            found -> {
              if (!isDvcsOwn(found.name()) && !(dvcOnly && !holdsOutput(found))) {
                lines.add(line(found.name(), found));
              }
              return true;
            });
    lines.sort(Comparator.comparing(Line::path));
    for (Line line : lines) {
      sink.line(line);
    }
  }

  /** Repositories' own directories, which {@code dvc ls} never shows. */
  private static boolean isDvcsOwn(String path) {
    return path.equals(".dvc")
        || path.startsWith(".dvc/")
        || path.contains("/.dvc/")
        || path.endsWith("/.dvc");
  }

  private static boolean isOut(Entry entry) {
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

  private static Line line(String path, Entry entry) throws IOException {
    boolean out = isOut(entry);
    boolean directory = entry.directory().isPresent();
    Long size = entry.size() >= 0 && !(directory && !out) ? Long.valueOf(entry.size()) : null;
    if (!out && !directory && entry.key().isPresent()) {
      size = entry.origins().sources().getFirst().size(entry.key().get());
    }
    String md5 = out ? entry.key().map(key -> key.name()).orElse(null) : null;
    return new Line(out, directory, false, size, md5, path); // DVC never says that one is
  }
}
