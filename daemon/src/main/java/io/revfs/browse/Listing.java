package io.revfs.browse;

import io.revfs.snapshot.Entry;
import io.revfs.snapshot.PendingOutput;
import io.revfs.snapshot.SnapshotDirectory;
import io.revfs.snapshot.TreeWalk;
import io.revfs.text.RelativePaths;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/** {@code ls} as {@code dvc ls --json} says it. */
public final class Listing {
  private final Places.Place place;
  private final Options options;
  private final Shown shown;
  private final String prefix;

  /**
   * What is listed.
   *
   * @param recursive all files below
   * @param dvcOnly only what DVC tracks
   * @param depth how many names deep, of a recursive list; what is a directory there is listed
   */
  public record Options(boolean recursive, boolean dvcOnly, OptionalInt depth) {}

  /** One line; the names and their order are DVC's. */
  public record Line(
      boolean isout,
      boolean isdir,
      boolean isexec,
      @Nullable Long size,
      @Nullable String md5,
      String path) {}

  /** Takes lines. */
  @FunctionalInterface
  public interface Sink {
    /** Takes the next line, in the order of paths. */
    void line(Line line) throws IOException;
  }

  private Listing(Places.Place place, Options options) {
    this.place = place;
    this.options = options;
    this.shown = new Shown(place);
    this.prefix = place.path().isEmpty() ? "" : place.path() + "/";
  }

  /** Passes the lines of a place, sorted by path. */
  public static void list(Places.Place place, Options options, Sink sink) throws IOException {
    new Listing(place, options).list(sink);
  }

  private void list(Sink sink) throws IOException {
    Entry entry = place.entry();
    boolean itself = options.recursive() && options.depth().equals(OptionalInt.of(0));
    if (entry.directory().isEmpty() || itself) {
      String name = RelativePaths.name(place.path());
      if (!options.dvcOnly() || Shown.isOut(entry) || itself) {
        sink.line(line(name.isEmpty() ? "." : name, entry));
      }
      return;
    }
    List<Line> pending = pending();
    SnapshotDirectory directory = entry.directory().get();
    if (options.recursive()) {
      TreeWalk.files(
          directory,
          options.depth().orElse(Integer.MAX_VALUE),
          (path, found) -> {
            while (!pending.isEmpty() && TreeWalk.compare(pending.getFirst().path(), path) < 0) {
              sink.line(pending.removeFirst());
            }
            if (shown.isShown(prefix + path, found, options.dvcOnly())) {
              sink.line(line(path, found));
            }
          });
    } else {
      directory.list(
          0,
          found -> {
            while (!pending.isEmpty()
                && TreeWalk.compare(pending.getFirst().path(), found.name()) < 0) {
              sink.line(pending.removeFirst());
            }
            if (shown.isShown(prefix + found.name(), found, options.dvcOnly())) {
              sink.line(line(found.name(), found));
            }
            return true;
          });
    }
    for (Line line : pending) {
      sink.line(line);
    }
  }

  /** Outputs that are not there yet are listed, without a size or with that of their source. */
  private List<Line> pending() {
    int deepest = options.recursive() ? options.depth().orElse(Integer.MAX_VALUE) : 1;
    List<Line> lines = new ArrayList<>();
    for (PendingOutput output : place.snapshot().pending()) {
      if (output.path().startsWith(prefix)) {
        String path = output.path().substring(prefix.length());
        if (path.chars().filter(c -> c == '/').count() < deepest) {
          lines.add(line(path, output));
        }
      }
    }
    lines.sort((a, b) -> TreeWalk.compare(a.path(), b.path()));
    return lines;
  }

  static Line line(String path, PendingOutput output) {
    return new Line(
        true,
        false,
        false,
        output.size().orElse(0),
        output.key().map(key -> key.name()).orElse(null),
        path);
  }

  static Line line(String path, Entry entry) throws IOException {
    boolean out = Shown.isOut(entry);
    boolean directory = entry.directory().isPresent();
    boolean sized = entry.size() >= 0 && !(directory && entry.key().isEmpty());
    Long size = sized ? Long.valueOf(entry.size()) : null;
    if (!out && !directory && entry.key().isPresent()) {
      size = entry.origins().sources().getFirst().size(entry.key().get());
    }
    String md5 = out ? entry.key().map(key -> key.name()).orElse(null) : null;
    return new Line(out, directory, false, size, md5, path); // DVC never says that one is
  }
}
