package io.revfs.text;

import java.util.ArrayList;
import java.util.List;

/** Paths written with slashes, put together and normalized without looking at files. */
public final class RelativePaths {
  private RelativePaths() {}

  /**
   * Returns {@code path} taken from {@code directory}, normalized: from the same root as the
   * directory, the empty string for that root itself, beginning with {@code ..} if it leads out of
   * it, absolute if the path is.
   */
  public static String join(String directory, String path) {
    boolean absolute = path.startsWith("/") || directory.startsWith("/");
    String all = path.startsWith("/") || directory.isEmpty() ? path : directory + "/" + path;
    List<String> parts = new ArrayList<>();
    for (String part : all.split("/")) {
      switch (part) {
        case "", "." -> {}
        case ".." -> {
          if (!parts.isEmpty() && !parts.getLast().equals("..")) {
            parts.removeLast();
          } else if (!absolute) {
            parts.add(part);
          }
        }
        default -> parts.add(part);
      }
    }
    return (absolute ? "/" : "") + String.join("/", parts);
  }

  /** Returns the directory a path is in; the empty string for the root. */
  public static String parent(String path) {
    int slash = path.lastIndexOf('/');
    return slash < 0 ? "" : path.substring(0, slash);
  }

  /** Returns the last name of a path. */
  public static String name(String path) {
    return path.substring(path.lastIndexOf('/') + 1);
  }

  /** Returns how {@code path} is reached from {@code directory}, both from the same root. */
  public static String relative(String directory, String path) {
    if (directory.isEmpty()) {
      return path.isEmpty() ? "." : path;
    }
    List<String> from = List.of(directory.split("/"));
    List<String> to = path.isEmpty() ? List.of() : List.of(path.split("/"));
    int same = 0;
    while (same < from.size() && same < to.size() && from.get(same).equals(to.get(same))) {
      same++;
    }
    List<String> parts = new ArrayList<>();
    for (int i = same; i < from.size(); i++) {
      parts.add("..");
    }
    parts.addAll(to.subList(same, to.size()));
    return parts.isEmpty() ? "." : String.join("/", parts);
  }
}
