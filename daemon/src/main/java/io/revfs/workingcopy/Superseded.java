package io.revfs.workingcopy;

import io.revfs.cache.Cache;
import io.revfs.fuse.FileNames;
import io.revfs.fuse.FuseException;
import io.revfs.fuse.local.LocalTree;
import io.revfs.object.ObjectKey;
import io.revfs.object.ObjectSource;
import io.revfs.origin.DvcCacheSource;
import io.revfs.posix.FileStat;
import io.revfs.posix.Posix;
import io.revfs.snapshot.Entry;
import io.revfs.workspace.TreeReader;
import io.revfs.workspace.store.RefusedException;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes away what an output left below when it is another one now: files that hold just what was
 * recorded before, and that can be had again from the cache. What anybody changed or added stays,
 * and so does what is nowhere else.
 */
final class Superseded {
  private static final Logger log = LoggerFactory.getLogger(Superseded.class);

  private final Path root;
  private final LocalTree below;
  private final Cache cache;
  private final TreeReader reader;

  /**
   * @param root where the working copy is reached past its mount
   * @param reader knows what files hold that did not change since it was read
   */
  Superseded(Path root, LocalTree below, Cache cache, TreeReader reader) {
    this.root = root;
    this.below = below;
    this.cache = cache;
    this.reader = reader;
  }

  /**
   * Removes files of an output that are as {@code before} says, unless {@code after} says the same.
   *
   * @return the paths that were removed, from the root
   */
  List<String> remove(String output, Entry before, Optional<Entry> after) throws IOException {
    Path place = root.resolve(output);
    List<String> removed = new ArrayList<>();
    if (Files.isRegularFile(place, LinkOption.NOFOLLOW_LINKS) || Files.isSymbolicLink(place)) {
      if (isRemoved(place, Optional.of(before), after)) {
        removed.add(output);
      }
      return removed;
    }
    if (!Files.isDirectory(place, LinkOption.NOFOLLOW_LINKS)) {
      return removed;
    }
    Files.walkFileTree(
        place,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            Path inside = place.relativize(file);
            if (isRemoved(file, find(before, inside), after.flatMap(e -> found(e, inside)))) {
              removed.add(root.relativize(file).toString());
            }
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult postVisitDirectory(
              Path directory, @org.jspecify.annotations.Nullable IOException failed)
              throws IOException {
            if (after.isEmpty() && isEmpty(directory)) {
              Files.delete(directory);
              removed.add(root.relativize(directory).toString());
            }
            return FileVisitResult.CONTINUE;
          }
        });
    return removed;
  }

  private static boolean isEmpty(Path directory) throws IOException {
    try (var names = Files.list(directory)) {
      return names.findAny().isEmpty();
    }
  }

  private static Optional<Entry> found(Entry output, Path inside) {
    try {
      return find(output, inside);
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  private static Optional<Entry> find(Entry output, Path inside) throws IOException {
    Entry at = output;
    for (Path name : inside) {
      if (at.directory().isEmpty()) {
        return Optional.empty();
      }
      Optional<Entry> next = at.directory().get().find(name.toString());
      if (next.isEmpty()) {
        return Optional.empty();
      }
      at = next.get();
    }
    return Optional.of(at);
  }

  /** Removes a file if it is superseded, unless somebody writes to it. */
  private boolean isRemoved(Path file, Optional<Entry> before, Optional<Entry> after)
      throws IOException {
    FileStat seen = Posix.stat(Posix.AT_FDCWD, FileNames.encode(file.toString()), false);
    if (seen == null || !isSuperseded(file, seen, before, after)) {
      return false;
    }
    try {
      return below.removeUnchanged(
          java.util.Arrays.asList(root.relativize(file).toString().split("/")), seen);
    } catch (FuseException e) {
      throw new IOException(file + ": " + e.getMessage(), e);
    }
  }

  private boolean isSuperseded(
      Path file, FileStat seen, Optional<Entry> before, Optional<Entry> after) throws IOException {
    if (before.isEmpty() || before.get().key().isEmpty()) {
      return false;
    }
    ObjectKey key = before.get().key().get();
    if (after.isPresent() && after.get().key().equals(before.get().key())) {
      return false; // it is right as it is
    }
    if (key.manifest() || !isElsewhere(key, before.get())) {
      return false;
    }
    if (seen.isSymbolicLink()) {
      return isLinkTo(file, key);
    }
    long size = before.get().size();
    return seen.isFile() && (size < 0 || seen.size() == size) && holds(file, key);
  }

  /** A link to an object in a cache is no file of anybody's. */
  private static boolean isLinkTo(Path link, ObjectKey key) throws IOException {
    String name = key.name();
    return Files.readSymbolicLink(link).endsWith(Path.of(name.substring(0, 2), name.substring(2)));
  }

  private boolean holds(Path file, ObjectKey key) throws IOException {
    try {
      return reader
          .by(key.digest().algorithm())
          .read(file)
          .filter(contents -> contents.key().equals(key))
          .isPresent();
    } catch (RefusedException e) {
      return false; // it changes just now
    }
  }

  /** Returns whether an object can be had on this machine. */
  private boolean isElsewhere(ObjectKey key, Entry entry) {
    if (cache.presence(key).complete()) {
      return true;
    }
    for (ObjectSource source : entry.origins().sources()) {
      if (source instanceof DvcCacheSource) {
        try {
          return source.size(key) >= 0;
        } catch (IOException e) {
          log.debug("{}: {}", key, e.toString());
        }
      }
    }
    return false;
  }
}
