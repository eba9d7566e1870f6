package io.revfs.command.look;

import io.revfs.browse.Listing;
import io.revfs.url.ExternalData;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The files below a URL as a tree of directories. For one thread. */
final class UrlTree {
  private final Map<String, UrlTree> children = new TreeMap<>();
  private long size = -1; // of a file; directories have none

  private UrlTree() {}

  static UrlTree of(ExternalData data) throws IOException {
    UrlTree root = new UrlTree();
    data.files(
        file -> {
          UrlTree at = root;
          for (String name : file.path().split("/")) {
            at = at.children.computeIfAbsent(name, n -> new UrlTree());
          }
          at.size = file.size();
        });
    return root;
  }

  private boolean isDirectory() {
    return size < 0;
  }

  private Listing.Line line(String path) {
    return ListUrlCommand.line(path, isDirectory(), isDirectory() ? null : Long.valueOf(size));
  }

  /** Returns all files down to a depth, and the directories at that depth. */
  List<Listing.Line> flat(int depth) {
    List<Listing.Line> lines = new ArrayList<>();
    flat("", depth, lines);
    return lines;
  }

  private void flat(String prefix, int depth, List<Listing.Line> into) {
    children.forEach(
        (name, child) -> {
          if (child.isDirectory() && depth > 1) {
            child.flat(prefix + name + "/", depth - 1, into);
          } else {
            into.add(child.line(prefix + name));
          }
        });
  }

  /** Returns the rows of the drawn tree. */
  List<Listing.Line> drawn(String top, int depth) {
    List<Listing.Line> lines = new ArrayList<>();
    lines.add(line(top));
    drawn("", depth, lines);
    return lines;
  }

  private void drawn(String before, int depth, List<Listing.Line> into) {
    if (depth <= 0) {
      return;
    }
    for (Iterator<Map.Entry<String, UrlTree>> all = children.entrySet().iterator();
        all.hasNext(); ) {
      Map.Entry<String, UrlTree> child = all.next();
      boolean last = !all.hasNext();
      into.add(child.getValue().line(before + (last ? "└── " : "├── ") + child.getKey()));
      child.getValue().drawn(before + (last ? "    " : "│   "), depth - 1, into);
    }
  }
}
