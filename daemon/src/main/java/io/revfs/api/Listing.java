package io.revfs.api;

import io.revfs.snapshot.Entry;
import io.revfs.snapshot.PendingOutput;
import io.revfs.snapshot.TreeWalk;
import java.io.IOException;
import java.util.ArrayList;
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
    String prefix = place.path().isEmpty() ? "" : place.path() + "/";
    List<Line> pending = pending(place, prefix);
    if (recursive) {
      TreeWalk.files(
          entry.directory().get(),
          (path, found) -> {
            while (!pending.isEmpty() && TreeWalk.compare(pending.getFirst().path(), path) < 0) {
              sink.line(pending.removeFirst());
            }
            if (isShown(place, prefix + path, found, dvcOnly)) {
              sink.line(line(path, found));
            }
          });
      for (Line line : pending) {
        sink.line(line);
      }
      return;
    }
    List<Line> lines = new ArrayList<>();
    entry
        .directory()
        .get()
        .list(
            0,
            found -> {
              if (isShown(place, prefix + found.name(), found, false)
                  && !(dvcOnly && !holdsOutput(found))) {
                lines.add(line(found.name(), found));
              }
              return true;
            });
    pending.removeIf(line -> line.path().contains("/"));
    lines.addAll(pending);
    lines.sort((a, b) -> TreeWalk.compare(a.path(), b.path()));
    for (Line line : lines) {
      sink.line(line);
    }
  }

  /** Outputs that are not there yet are listed, without a size or with that of their source. */
  private static List<Line> pending(Places.Place place, String prefix) {
    List<Line> lines = new ArrayList<>();
    for (PendingOutput output : place.snapshot().pending()) {
      if (output.path().startsWith(prefix)) {
        lines.add(
            new Line(
                true,
                false,
                false,
                output.size().orElse(0),
                output.key().map(key -> key.name()).orElse(null),
                output.path().substring(prefix.length())));
      }
    }
    lines.sort((a, b) -> TreeWalk.compare(a.path(), b.path()));
    return lines;
  }

  private static boolean isShown(Places.Place place, String path, Entry entry, boolean dvcOnly) {
    if (isOtherProjects(place, path)) {
      return false;
    }
    if (isOut(entry)) {
      return true;
    }
    return !dvcOnly && !isDvcsOwn(path) && !place.snapshot().isIgnored(path);
  }

  /** DVC does not look into other projects below its own. */
  private static boolean isOtherProjects(Places.Place place, String path) {
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
