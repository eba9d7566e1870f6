package io.revfs.reach;

import com.google.errorprone.annotations.MustBeClosed;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;

/**
 * The directories that this process's mounts lie over. There is one such table in a process, as
 * there is one table of mounts: what a path leads to is the same for all that runs in it.
 * Thread-safe.
 *
 * <p>Paths are absolute and normalized. A path that leaves a covered directory by {@code ..} must
 * be made of where that is shown ({@link #resolve}): what lies beside the way below is something
 * else.
 */
public final class Passages {
  private static final CopyOnWriteArrayList<Covered> ALL = new CopyOnWriteArrayList<>();

  private Passages() {}

  /** Makes a directory known until the result is closed. */
  public static Closeable open(Covered covered) {
    ALL.add(covered);
    return () -> ALL.remove(covered);
  }

  /** A path in a covered directory. */
  public record Place(Covered covered, String path) {
    /** Returns what is shown there, if nothing is below. */
    public Optional<OnlyShown> find() throws IOException {
      return covered.find(path);
    }
  }

  private static Optional<Covered> around(Path path, boolean shown) {
    Covered best = null;
    int depth = -1;
    for (Covered covered : ALL) {
      Path top = shown ? covered.shown() : covered.below();
      if (top.getNameCount() > depth && path.startsWith(top)) {
        best = covered;
        depth = top.getNameCount();
      }
    }
    return Optional.ofNullable(best);
  }

  /** Returns where a path is reached past the mounts that lie over it; itself if none does. */
  public static Path below(Path path) {
    if (ALL.isEmpty()) {
      return path;
    }
    return around(path, true)
        .map(covered -> covered.below().resolve(covered.shown().relativize(path)))
        .orElse(path);
  }

  /** Returns where people have what is reached by a path; itself if no mount lies over it. */
  public static Path shown(Path path) {
    if (ALL.isEmpty()) {
      return path;
    }
    return around(path, false)
        .map(covered -> covered.shown().resolve(covered.below().relativize(path)))
        .orElse(path);
  }

  /**
   * Returns where a path from a directory is reached, also where it leads out of what is covered.
   *
   * @param directory if it is reached past a mount, so is the result
   */
  public static Path resolve(Path directory, String path) {
    Path shown = shown(directory);
    Path there = shown.resolve(path).normalize();
    return shown.equals(directory) ? there : below(there);
  }

  /** Returns what covers a path that leads past a mount. */
  public static Optional<Place> at(Path below) {
    return around(below, false)
        .map(covered -> new Place(covered, covered.below().relativize(below).toString()));
  }

  /** Returns a text in which the ways past mounts are replaced by where people have them. */
  public static String shown(String text) {
    String replaced = text;
    for (Covered covered : ALL) {
      replaced = replaced(replaced, covered.below().toString(), covered.shown().toString());
    }
    return replaced;
  }

  private static String replaced(String text, String below, String shown) {
    int at = text.indexOf(below);
    if (at < 0) {
      return text;
    }
    StringBuilder all = new StringBuilder();
    int from = 0;
    for (; at >= 0; at = text.indexOf(below, at + below.length())) {
      int end = at + below.length();
      boolean whole = end == text.length() || !Character.isLetterOrDigit(text.charAt(end));
      all.append(text, from, at).append(whole ? shown : below);
      from = end;
    }
    return all.append(text, from, text.length()).toString();
  }

  /**
   * Returns how a directory can be walked: the way to one that is covered may be a link, which
   * {@link Files#walk} and its like do not follow. What they find is to be normalized.
   */
  public static Path walkable(Path directory) {
    boolean whole = at(directory).filter(place -> place.path().isEmpty()).isPresent();
    return whole ? directory.resolve(".") : directory;
  }

  /**
   * Returns all that is in a directory, itself too, as {@link Files#walk}; the caller closes it.
   */
  @MustBeClosed
  public static Stream<Path> walk(Path directory) throws IOException {
    return Files.walk(walkable(directory)).map(Path::normalize);
  }

  /** Returns whether anything is at a path, be it only shown; links are not followed. */
  public static boolean exists(Path path) throws IOException {
    return Files.exists(path, LinkOption.NOFOLLOW_LINKS) || onlyShown(path).isPresent();
  }

  /** Returns whether a directory is at a path, be it only shown; links are followed. */
  public static boolean isDirectory(Path path) throws IOException {
    return Files.isDirectory(path) || onlyShown(path).filter(OnlyShown::directory).isPresent();
  }

  /** Returns what is shown at a path, if nothing is below. */
  public static Optional<OnlyShown> onlyShown(Path path) throws IOException {
    Optional<Place> place = ALL.isEmpty() ? Optional.empty() : at(path);
    return place.isEmpty() ? Optional.empty() : place.get().find();
  }

  /** Brings what is only shown at a path, and in it, below. */
  public static void bringBelow(Path path) throws IOException {
    Optional<Place> place = ALL.isEmpty() ? Optional.empty() : at(path);
    if (place.isPresent()) {
      place.get().covered().bringBelow(place.get().path());
    }
  }

  /** Says at once that a name came, went or leads elsewhere. */
  public static void changed(Path path) {
    if (!ALL.isEmpty()) {
      at(path).ifPresent(place -> place.covered().changed(place.path()));
    }
  }

  /** Lets another process of ours, which is about to look at a path, find what is there. */
  public static void beforeOthersLook(Path path) throws IOException {
    List<Covered> around = around(path);
    if (!around.isEmpty()) {
      around.getFirst().beforeOthersLook(); // that mount shows what lies in it, too
    }
  }

  /** Returns what covers a path that leads past a mount, the outermost first. */
  public static List<Covered> around(Path below) {
    return ALL.stream()
        .filter(covered -> below.startsWith(covered.below()))
        .sorted(Comparator.comparingInt(covered -> covered.below().getNameCount()))
        .toList();
  }

  /** Returns a file's bytes, be it only shown. */
  public static byte[] readAllBytes(Path path) throws IOException {
    Optional<OnlyShown> shown =
        Files.exists(path, LinkOption.NOFOLLOW_LINKS) ? Optional.empty() : onlyShown(path);
    if (shown.isEmpty() || shown.get().directory()) {
      return Files.readAllBytes(path);
    }
    try (var in = shown.get().bytes().open()) {
      return in.readAllBytes();
    }
  }

  /**
   * Returns where a symbolic link leads past the mounts; empty if no mount lies over that, so that
   * the kernel can be left to follow it.
   *
   * @param directory that the link is in
   */
  public static Optional<Path> target(Path directory, String link) {
    if (ALL.isEmpty()) {
      return Optional.empty();
    }
    Path shown = shown(directory).resolve(link).normalize();
    Path below = below(shown);
    return below.equals(shown) ? Optional.empty() : Optional.of(below);
  }

  /** Returns what is covered. */
  public static List<Covered> all() {
    return List.copyOf(ALL);
  }
}
