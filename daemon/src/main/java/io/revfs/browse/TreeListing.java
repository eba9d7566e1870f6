package io.revfs.browse;

import io.revfs.snapshot.Entry;
import io.revfs.snapshot.PendingOutput;
import io.revfs.snapshot.TreeWalk;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;

/** {@code ls --tree}: the rows of a drawn tree, as DVC draws it. */
public final class TreeListing {
  private static final String EDGE = "├── ";
  private static final String LINE = "│   ";
  private static final String CORNER = "└── ";
  private static final String BLANK = "    ";

  private final Places.Place place;
  private final boolean dvcOnly;
  private final Shown shown;
  private final Listing.Sink sink;

  private TreeListing(Places.Place place, boolean dvcOnly, Listing.Sink sink) {
    this.place = place;
    this.dvcOnly = dvcOnly;
    this.shown = new Shown(place);
    this.sink = sink;
  }

  /**
   * Passes the rows of a place; the path of a line is what is drawn.
   *
   * @param depth how many names deep below the place
   * @param name what stands at the top
   */
  public static void list(
      Places.Place place, String name, int depth, boolean dvcOnly, Listing.Sink sink)
      throws IOException {
    TreeListing tree = new TreeListing(place, dvcOnly, sink);
    sink.line(Listing.line(name, place.entry()));
    tree.below(place.entry(), place.path().isEmpty() ? "" : place.path() + "/", "", depth);
  }

  /** A child before it is drawn: it must be known which one is the last. */
  private record Child(Listing.Line line, Entry entry) {}

  private void below(Entry entry, String path, String drawn, int depth) throws IOException {
    if (depth <= 0 || entry.directory().isEmpty()) {
      return;
    }
    List<Child> children = children(entry, path);
    for (Iterator<Child> all = children.iterator(); all.hasNext(); ) {
      Child child = all.next();
      boolean last = !all.hasNext();
      Listing.Line line = child.line();
      sink.line(
          new Listing.Line(
              line.isout(),
              line.isdir(),
              line.isexec(),
              line.size(),
              line.md5(),
              drawn + (last ? CORNER : EDGE) + line.path()));
      below(child.entry(), path + line.path() + "/", drawn + (last ? BLANK : LINE), depth - 1);
    }
  }

  private List<Child> children(Entry entry, String path) throws IOException {
    List<Child> children = new ArrayList<>();
    entry
        .directory()
        .orElseThrow()
        .list(
            0,
            found -> {
              if (shown.isShown(path + found.name(), found, dvcOnly)) {
                children.add(new Child(Listing.line(found.name(), found), found));
              }
              return true;
            });
    for (PendingOutput output : place.snapshot().pending()) {
      String at = output.path();
      if (at.startsWith(path) && at.indexOf('/', path.length()) < 0) {
        String name = at.substring(path.length());
        children.add(new Child(Listing.line(name, output), Entry.absent(name)));
      }
    }
    children.sort((a, b) -> TreeWalk.compare(a.line().path(), b.line().path()));
    return children;
  }
}
