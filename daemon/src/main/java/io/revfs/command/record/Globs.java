package io.revfs.command.record;

import io.revfs.reach.OnlyShown;
import io.revfs.reach.Passages;
import io.revfs.text.RelativePaths;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * Patterns of paths as Python's {@code glob} has them: {@code *}, {@code ?}, {@code [a-z]} in a
 * name, {@code **} for directories of any depth; names with a dot first are matched only by
 * patterns that have it too.
 */
record Globs(Path directory) {
  private static final String ANY_DEPTH = "**";

  /** Returns what a pattern matches, relative to the directory if the pattern is; sorted. */
  Set<String> matches(String pattern) throws IOException {
    Set<String> found = new LinkedHashSet<>();
    boolean absolute = pattern.startsWith("/");
    List<String> parts = new ArrayList<>();
    for (Path part : Path.of(pattern)) {
      parts.add(part.toString());
    }
    match(absolute ? "/" : "", parts, found);
    found.remove("");
    return found;
  }

  private void match(String at, List<String> parts, Set<String> found) throws IOException {
    if (parts.isEmpty()) {
      if (Passages.exists(directory.resolve(at))) {
        found.add(at);
      }
      return;
    }
    String part = parts.getFirst();
    List<String> rest = parts.subList(1, parts.size());
    if (part.equals(ANY_DEPTH)) {
      match(at, rest, found);
      for (String name : names(at)) {
        Path path = directory.resolve(at).resolve(name);
        boolean onlyShown = Passages.onlyShown(path).filter(OnlyShown::directory).isPresent();
        if (onlyShown || Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)) {
          match(join(at, name), parts, found);
        } else if (rest.isEmpty()) {
          found.add(join(at, name));
        }
      }
      return;
    }
    if (!part.matches(".*[*?\\[].*")) {
      match(join(at, part), rest, found);
      return;
    }
    PathMatcher matcher =
        FileSystems.getDefault().getPathMatcher("glob:" + part.replaceAll("[{}\\\\]", "\\\\$0"));
    for (String name : part.startsWith(".") ? allNames(at) : names(at)) {
      if (matcher.matches(Path.of(name))) {
        match(join(at, name), rest, found);
      }
    }
  }

  private static String join(String at, String name) {
    return at.isEmpty() || at.endsWith("/") ? at + name : at + "/" + name;
  }

  private Set<String> names(String at) throws IOException {
    Set<String> names = allNames(at);
    names.removeIf(name -> name.startsWith("."));
    return names;
  }

  private Set<String> allNames(String at) throws IOException {
    Set<String> names = new TreeSet<>();
    Path here = directory.resolve(at);
    if (Files.isDirectory(here)) {
      try (DirectoryStream<Path> entries = Files.newDirectoryStream(here)) {
        entries.forEach(entry -> names.add(String.valueOf(entry.getFileName())));
      }
    }
    Optional<Passages.Place> covered = Passages.at(here.normalize());
    if (covered.isPresent()) {
      covered
          .get()
          .covered()
          .list(covered.get().path())
          .forEach(shown -> names.add(RelativePaths.name(shown.path())));
    }
    return names;
  }
}
